"""Writes tests/vectors/cdp/phone-random.json: random numbers of every region, as the Python package phonenumbers reads them.

    pip install phonenumbers==9.0.43
    python3 tests/oracle/phone_random.py [numbers a region] [file]

Not part of `operations.py --check`, which needs the standard library alone: the file changes only with the plans.
"""

import json
import pathlib
import random
import sys

import phonenumbers
from phonenumbers import PhoneNumberFormat

FILE = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "cdp" / "phone-random.json"
TAILS = ["", "", "", "", " ext. 12", " x7", "#45", ";ext=99", ",,123", ", 9", " доб 3", " -12#", " 😀", " home", "/x2", " x302/x2303"]
HEADS = ["", "", "", "", "tel:", "Tel. ", "(", "☎ "]


def number(rng, region):
    """A number that resembles the region's: its example with some digits changed, cut or added."""
    kind = rng.choice([phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.TOLL_FREE])
    example = phonenumbers.example_number_for_type(region, kind) or phonenumbers.example_number(region)
    digits = list(phonenumbers.national_significant_number(example))
    for _ in range(rng.choice([0, 1, 1, 2, 4])):
        digits[rng.randrange(len(digits))] = str(rng.randrange(10))
    change = rng.randrange(12)
    if change == 0:
        digits.append(str(rng.randrange(10)))
    elif change == 1 and len(digits) > 3:
        digits.pop()
    national = "".join(digits)
    plan = phonenumbers.phonemetadata.PhoneMetadata.metadata_for_region(region)
    code = str(plan.country_code)
    prefix = plan.national_prefix or ""
    form = rng.randrange(10)
    written = [national, prefix + national, "0" + national, "+" + code + national, "+" + code + " (0)" + national, "00" + code + national,
               "011" + code + national, code + national, "+" + code + prefix + national, prefix + "11" + national][form]
    gap = rng.choice(["", "", " ", "-", ".", "\u00a0", "/"])
    if gap and len(written) > 7:
        cut = rng.randrange(3, len(written) - 2)
        written = written[:cut] + gap + written[cut:]
    if rng.randrange(12) == 0:
        written = "".join(chr(0x660 + int(c)) if c.isdigit() else c for c in written)
    return rng.choice(HEADS) + written + rng.choice(TAILS)


def case(raw, region):
    try:
        parsed = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return {"raw": raw, "region": region, "e164": None, "possible_e164": None}
    form = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    valid = phonenumbers.is_valid_number(parsed)
    # A number in use is possible, though libphonenumber calls a few (Canada's 310-2422) possible within their area only.
    possible = valid or reason == phonenumbers.ValidationResult.IS_POSSIBLE
    return {
        "raw": raw,
        "region": region,
        "e164": form if valid else None,
        "possible_e164": form if possible else None,
    }


def main():
    each = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    path = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else FILE
    rng = random.Random(20261121)
    cases = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        # A number is also read where it is not at home.
        cases += [case(number(rng, region), region if rng.randrange(8) else rng.choice(["US", "KW", "IT", "BR"])) for _ in range(each)]
    head = f' "derived_from": "python phonenumbers {phonenumbers.__version__} (tests/oracle/phone_random.py)",\n'
    rows = ",\n".join("  " + json.dumps({"id": f"pr{place:05d}", **row}, ensure_ascii=False) for place, row in enumerate(cases, 1))
    path.write_text("{\n" + ' "format": "phone/1",\n' + head + ' "cases": [\n' + rows + "\n ]\n}\n")
    print(f"{len(cases)} cases, {sum(row['e164'] is not None for row in cases)} valid")


if __name__ == "__main__":
    main()
