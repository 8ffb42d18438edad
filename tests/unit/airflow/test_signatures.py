"""Every public class says which arguments of its own it takes: in its signature, and in its documentation."""

from __future__ import annotations

import inspect
import re
import runpy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import airflow
import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from airflow_provider_pachyderm._compat import (
    ARGUMENTS_OF_SOME,
    AirflowArguments,
    BaseOperator,
    BaseSensorOperator,
    SensorArguments,
)
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.operators import pachyderm as operators
from airflow_provider_pachyderm.sensors import pachyderm as sensors
from airflow_provider_pachyderm.triggers import pachyderm as triggers

_PARAM = re.compile(r":param (\w+):")


def classes(module: Any) -> list[type]:
    """The public classes of a module."""
    return [each for name, each in vars(module).items() if name.startswith("Pachyderm") and inspect.isclass(each)]


TASKS = sorted(
    {each for module in (operators, sensors) for each in classes(module) if issubclass(each, BaseOperator)},
    key=lambda each: each.__name__,
)
TRIGGERS = [each for each in classes(triggers) if each.__name__.endswith("Trigger")]


def own_arguments(each: type) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(each.__init__).parameters  # type: ignore[misc]
    return {
        name: parameter
        for name, parameter in parameters.items()
        if name != "self" and parameter.kind is not inspect.Parameter.VAR_KEYWORD
    }


@pytest.mark.parametrize("each", [*TASKS, *TRIGGERS, PachydermHook])
def test_what_is_documented_is_what_is_taken(each: type) -> None:
    assert sorted(_PARAM.findall(each.__doc__ or "")) == sorted(own_arguments(each))


@pytest.mark.parametrize("each", TASKS)
def test_tasks_take_their_arguments_by_name(each: type) -> None:
    kinds = {parameter.kind for parameter in own_arguments(each).values()}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize(
    ("base", "arguments"), [(BaseOperator, AirflowArguments), (BaseSensorOperator, SensorArguments)]
)
def test_arguments_of_airflow_are_those_of_the_installed_one(base: type, arguments: Any) -> None:
    installed = Version(Version(airflow.__version__).base_version)
    missing = {name for name, versions in ARGUMENTS_OF_SOME.items() if installed not in SpecifierSet(versions)}
    taken = own_arguments(BaseOperator).keys() | own_arguments(base).keys()
    assert taken == set(arguments.__annotations__) - missing
    required = {name for name, each in own_arguments(BaseOperator).items() if each.default is inspect.Parameter.empty}
    assert arguments.__required_keys__ == required


@pytest.mark.parametrize("each", TASKS)
def test_what_is_airflows_is_checked_by_name(each: type) -> None:
    kwargs = inspect.signature(each.__init__).parameters["kwargs"]  # type: ignore[misc]
    expected = "SensorArguments" if issubclass(each, BaseSensorOperator) else "AirflowArguments"
    assert kwargs.annotation == f"Unpack[{expected}]"


@pytest.mark.parametrize("each", TASKS)
def test_connection_and_project_are_templates_everywhere(each: Any) -> None:
    assert {"pachyderm_conn_id", "project"} <= set(each.template_fields)
    assert set(each.template_fields) <= set(own_arguments(each))


@pytest.mark.parametrize("each", [each for each in TASKS if "deferrable" in own_arguments(each)])
def test_what_defers_goes_on_by_a_name_that_stays(each: Any) -> None:
    assert list(inspect.signature(each.execute_complete).parameters) == ["self", "context", "event"]


def test_all_are_looked_at() -> None:
    assert (len(TASKS), len(TRIGGERS)) == (len(operators.__all__) + 4, 6)


@pytest.mark.skipif(find_spec("airflow.sdk") is None, reason="it is written for Airflow 3")
def test_the_dag_that_type_checkers_read_is_one() -> None:
    dag = runpy.run_path(str(Path(__file__).parents[2] / "types" / "dag.py"))["DAG"]
    assert dag.__name__ == "DAG"
