"""The releases of Pachyderm that the dev server plays, and what differs between them.

A difference is a :class:`.rule.Rule`, declared in the ``rules.py`` (or ``…_rules.py``) beside the code that asks for
it: ``profile[HEAD_ALWAYS]`` is its value in the release that is played. Nothing else compares versions.

==================  ==========================================================
:mod:`.rule`        a rule: its values by release, and how they are known
:mod:`.text`        rules that are the words of refusals
:mod:`.played`      the releases that are played
:mod:`.profile`     the rules of one of them
:mod:`.fields`      rules for calls and for fields of messages
:mod:`.fields_v1`   the calls and fields of 1.x
:mod:`.fields_v2`   the calls and fields of 2.x
:mod:`.registry`    all rules, for the documentation and the tests
==================  ==========================================================
"""
