"""What convert reckons with, against Python's decimal on 100,000 cases.

RATESD_TEST_SEED=N repeats a run; the seed is printed.
"""

import collections
import decimal
import os
import random
import struct
import subprocess
import sys

from harness import BUILD, clean_environment, equal, run

CASES = 100_000
ROUNDINGS = {
    "half-even": decimal.ROUND_HALF_EVEN,
    "half-up": decimal.ROUND_HALF_UP,
    "half-down": decimal.ROUND_HALF_DOWN,
    "up": decimal.ROUND_UP,
    "down": decimal.ROUND_DOWN,
    "ceiling": decimal.ROUND_CEILING,
    "floor": decimal.ROUND_FLOOR,
}
# Nothing that is checked here is ever rounded by the context.
EXACT = decimal.Context(prec=1200, Emax=9999, Emin=-9999, traps=[
    decimal.Inexact, decimal.InvalidOperation])
# To round is what quantize is for.
ROUNDED = decimal.Context(prec=1200, Emax=9999, Emin=-9999, traps=[
    decimal.InvalidOperation])


def the_dice():
    seed = int(os.environ.get("RATESD_TEST_SEED", 0)) or \
        random.SystemRandom().getrandbits(63)
    print(f"# RATESD_TEST_SEED={seed}")
    return random.Random(seed)


def plain(number, places):
    """As decimal_text writes it."""
    text = format(number.copy_abs() if number == 0 else number, "f")
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(places, "0")
    return whole + ("." + fraction if fraction else "")


def an_amount(dice):
    """Up to 10^15, 6 decimals; large and small, many and few digits."""
    digits = dice.randint(0, 21)
    number = dice.randrange(10 ** digits) if digits < 21 \
        else dice.randint(10 ** 21 - 3, 10 ** 21)
    places = dice.randint(0, 6) if number <= 10 ** 15 else 6
    text = f"{number:0{places + 1}d}"
    text = text[:len(text) - places] + ("." if places else "") \
        + text[len(text) - places:]
    return dice.choice(["", "", "-", "-", "+"]) + text


def a_long_amount(dice):
    """21 digits anywhere that they may be."""
    places = dice.randint(6, 18)
    number = dice.randrange(10 ** min(21, 15 + places))
    text = f"{number:0{places + 1}d}"
    return f"{dice.choice(['', '-'])}{text[:-places]}.{text[-places:]}"


def any_double(dice):
    """All bit patterns of finite numbers above 0, so all exponents."""
    return struct.unpack("<d", struct.pack(
        "<Q", dice.randint(1, 0x7fefffffffffffff)))[0]


def a_rate(dice):
    """As rates are, of 1 to 17 digits."""
    digits = dice.randint(1, 17)
    return float(f"{dice.randint(1, 10 ** digits - 1)}"
                 f"e{dice.randint(-digits - 6, 6)}")


def a_power(dice):
    """The ends of the range, and where binary and decimal part."""
    return dice.choice([
        10.0 ** dice.randint(-300, 300), 2.0 ** dice.randint(-1074, 1023),
        sys.float_info.max, sys.float_info.min, 5e-324, 1.0])


def a_case(dice):
    """(amount, rate, places, rounding)"""
    kind = dice.randrange(8)
    places = dice.choice([0, 2, 2, 2, 3, 4, dice.randint(0, 18)])
    if kind == 0:  # a tie, or next to one
        half = dice.randint(0, 10 ** 9) * 10 + 5 + dice.choice([0, 0, 0, -1,
                                                                1])
        places = dice.randint(0, 4)
        amount = f"{dice.choice(['', '-'])}{half}"
        rate = float(f"1e{-places - 1}")
    elif kind == 1:
        amount, rate = a_long_amount(dice), a_rate(dice)
    elif kind in (2, 3):
        amount, rate = an_amount(dice), any_double(dice)
    elif kind == 4:
        amount, rate = an_amount(dice), a_power(dice)
    else:
        amount, rate = an_amount(dice), a_rate(dice)
    return amount, rate, places, dice.choice(list(ROUNDINGS))


def reckon(cases):
    text = "".join(f"{amount} {rate!r} {places} {rounding}\n"
                   for amount, rate, places, rounding in cases)
    result = subprocess.run(
        [BUILD / "tests/system/decimal_batch"], input=text, text=True,
        capture_output=True, timeout=300, env=clean_environment(),
        check=False)
    equal(result.returncode, 0, result.stderr)
    lines = result.stdout.splitlines()
    equal(len(lines), len(cases), "answers")
    return [line.split(" ", 2) for line in lines]


def wanted(case, rate_text):
    """Product and rounded product, and whether that was a tie."""
    amount, rate, places, rounding = case
    rate = EXACT.create_decimal(rate_text)
    product = EXACT.multiply(EXACT.create_decimal(amount), rate)
    unit = decimal.Decimal(1).scaleb(-places)
    half = EXACT.abs(EXACT.remainder(product, unit)) * 2 == unit
    context = ROUNDED.copy()
    context.rounding = ROUNDINGS[rounding]
    return (plain(product, 0), plain(context.quantize(product, unit), places),
            half)


def fits(text):
    """Whether convert promises to take that amount."""
    number = EXACT.create_decimal(text)
    _, digits, exponent = number.normalize(EXACT).as_tuple()
    return (abs(number) <= 10 ** 15 and exponent >= -18 and
            len(digits) + max(exponent, 0) <= 21)


def test_products_and_roundings_are_those_of_python(_):
    dice = the_dice()
    cases = [a_case(dice) for _ in range(CASES)]
    ties = collections.Counter()
    for case, answer in zip(cases, reckon(cases)):
        assert answer[0] != "!" and fits(case[0]), (case, answer)
        rate, product, rounded = answer
        equal(float(rate), case[1], "the rate's own text")
        assert len(rate.replace(".", "").strip("0")) <= 17, (case, rate)
        right, right_rounded, tie = wanted(case, rate)
        equal(product, right, f"product of {case}")
        equal(rounded, right_rounded, f"{case}")
        ties[case[3]] += tie
    print("# ties:", dict(ties))
    equal(set(ties), set(ROUNDINGS), "every rounding had cases")
    assert min(ties.values()) > CASES // 200, ties


def test_what_does_not_fit_is_refused(_):
    dice = the_dice()
    texts = []
    for _ in range(20_000):
        places = dice.randint(0, 24)
        digits = f"{dice.randrange(10 ** dice.randint(1, 30)):0{places + 1}d}"
        texts.append(digits[:len(digits) - places] + "."
                     + digits[len(digits) - places:])
    taken = 0
    answers = reckon([(text, 1.0, 18, "down") for text in texts])
    for text, answer in zip(texts, answers):
        equal(answer[0] != "!", fits(text), text)
        if answer[0] != "!":
            taken += 1
            equal(answer[1], plain(EXACT.create_decimal(text), 0), text)
    assert 1000 < taken < 19_000, taken


run(globals())
