"""Faults, befalling the program as it is: a small library, and the tests that use it.

No code of ours is replaced: the system's calls fail, git fails, the power goes. A test says what and when,

    done = runner.run("build", at=world.site, fault=Fault("write", 7, error="ENOSPC", lasts=True))

looks at how the run ended (``done.code``, ``done.said``) and at what it left. ``Fault(kind)`` without a number counts:
``done.events`` are all that could be hit, so a test goes through every n.

| kind | counted is each |
|---|---|
| ``change`` | change to the disk (open for writing, mkdir, link, rename, remove, …) and start of a program, before it |
| ``write`` | write to a file; half of it arrives |
| ``fsync``, ``rename``, ``socket`` | call of that kind: of sockets a lookup, connect, send or receive |
| ``git`` | call of git: it fails by itself |
| ``after`` | call of git: killed is the run, once git is done |

A fault without an ``error`` is SIGKILL. An error is any name of ``errno`` (``ENOSPC``, ``EIO``, ``EROFS``, ``EACCES``,
``EMFILE``, ``ECONNRESET``, …), once or from then on. ``EINTR`` is not among those that a program sees: Python calls
again (PEP 475).

| module | what it is |
|---|---|
| ``injection`` | what happens inside the process: counting, failing, killing |
| ``harness`` | ``Runner``: runs of the program in forks of one process, each with its fault |
| ``worlds`` | small sites with remotes, and ``OPERATIONS`` on them |
| ``aftermath`` | what must be true of a world after a fault, and after the next run |
| ``full_disk`` | a disk of a few blocks, in a namespace of its own |
| ``hostile`` | servers that do everything that a server should not |
| ``watches`` | long runs, signalled and killed |
"""
