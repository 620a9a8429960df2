from workers.attribution.methods import ACTIVITY, CURRENT, METHODS


def test_methods_are_found_by_the_name_that_rows_keep() -> None:
    assert all(METHODS[name].name == name for name in METHODS)
    assert METHODS[CURRENT.name] is CURRENT


def test_the_first_method_stays_and_fits_nothing() -> None:
    assert METHODS["activity-kernel-1"] is ACTIVITY
    assert ACTIVITY.prior is None
