from mirada.training.difference import Difference, Forced, differences_text

FEW = (Difference("recipe.epochs", "3", "4"), Difference("engine", '"a"', '"b"'))


def test_the_record_is_read_as_it_was_written() -> None:
    record = Forced(12, "5f", FEW)
    assert Forced.from_dict(record.to_dict()) == record
    assert record.to_dict()["differences"][0] == {
        "name": "recipe.epochs",
        "before": "3",
        "now": "4",
    }


def test_its_words_name_the_step_and_every_value() -> None:
    assert str(Forced(12, "5f", FEW).text) == (
        "Gone on with by force after step 12, although these differ: recipe.epochs: "
        '3 -> 4; engine: "a" -> "b"'
    )


def test_many_differences_are_cut() -> None:
    many = tuple(Difference(f"n{place}", "0", "1") for place in range(9))
    assert differences_text(many[:8]).endswith("n7: 0 -> 1")
    assert differences_text(many).endswith("n7: 0 -> 1; ...")
