// On every page, before it is shown: what cannot work from a disk is taken away by the style sheet.
if (location.protocol === "file:") document.documentElement.dataset.fromDisk = "true";
