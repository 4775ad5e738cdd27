"""Marking: what students handed in is run as untrusted code and judged outside.

`inside` and `entering` run in the sandbox, next to the hand-in; `frames` is how it speaks;
`warden` watches the sandbox from outside, `judging` gives the verdicts, `rounds` marks a folder.
"""
