"""The table of settings against the spec, the command line and the form's kinds of row."""

from __future__ import annotations

from lstmviz.cli.usage import Parser, add_settings
from lstmviz.core.settings import BY_NAME, SETTING_GROUPS, TABLE, SettingKind
from lstmviz.core.spec import BOUNDS, SETTINGS, RunSpec


def test_every_setting_of_the_spec_is_in_the_table_once():
    assert sorted(setting.name for setting in TABLE) == sorted(SETTINGS)
    assert {setting.group for setting in TABLE} == set(SETTING_GROUPS)
    assert all(setting.tip.endswith(".") for setting in TABLE)


def test_numbers_have_bounds_switches_are_switches_and_choices_can_be_chosen():
    spec = RunSpec()
    for setting in TABLE:
        value = spec.value(setting.name)
        if setting.kind in (SettingKind.NUMBER, SettingKind.PLAIN_NUMBER):
            assert setting.name in BOUNDS
        elif setting.kind is SettingKind.SWITCH:
            assert isinstance(value, bool)
        elif setting.kind is SettingKind.CHOICE:
            for choice in setting.choices:
                changed = spec.changed(**{setting.name: choice.value})
                assert changed.settings()[setting.name] == choice.value
        else:
            assert value is None


def test_every_setting_has_a_flag_that_sets_it():
    parser = Parser()
    add_settings(parser)
    typed = {
        SettingKind.NUMBER: ["1"],
        SettingKind.PLAIN_NUMBER: ["7"],
        SettingKind.SWITCH: [],
        SettingKind.LENGTHS: ["3,2"],
    }
    for setting in TABLE:
        words = typed.get(setting.kind) or [choice.value for choice in setting.choices[-1:]]
        options = parser.parse_args([setting.flag, *words])
        given = {name: getattr(options, name) for name in BY_NAME}
        assert [name for name, value in given.items() if value is not None] == [setting.name]
