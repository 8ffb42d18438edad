"""The local worker: it runs pipelines' commands as processes of this machine.

=====================  =================================================================================
:mod:`.supervisor`     a program of its own: starts one command, and ends all that this one has started
:mod:`.sandbox`        whether commands can have ``/pfs`` itself here
:mod:`.processes`      one run of a command: its input, its lines, its time
:mod:`.layout`         the files of a datum on the disk
:mod:`.environment`    the variables of a command
:mod:`.outputs`        from what is left in ``/pfs/out`` to changes of a commit
=====================  =================================================================================
"""
