"""The drills of `corpintel chaos`: nights that are killed, starved and lied to, and what is left.

`proxy` stands between a night and its server and strikes at a chosen statement, `worker` is the
night, `lane` the throw-away home it runs in, `drills` what is done to it and what must hold.
`scripted_server` is a source that misbehaves as it is told; the tests of sources ask it too.
"""
