#!/usr/bin/env python3
"""Works out the vectors of canonical JSON: tests/vectors/canonical/*.json.

Run it from anywhere; `--check` compares instead of writing. The expected texts come from canonical_json.py, which is
held against the table of RFC 8785, appendix B, below.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import struct
import sys
from pathlib import Path

import canonical_json
from canonical_json import write as canonical

FOLDER = Path(__file__).resolve().parent.parent / "vectors" / "canonical"

# RFC 8785, appendix B: the bits of a double and its text; None where there is none.
RFC_8785_APPENDIX_B = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("7fffffffffffffff", None),
    ("7ff0000000000000", None),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]

# Values by name; what stands here is the JSON text as it arrives.
VALUES = [
    ("nothing", "null"),
    ("true", "true"),
    ("false", " false "),
    ("an empty array", "[ ]"),
    ("an empty object", "{ }"),
    ("white space goes", ' { "b" : [ 1 , 2 ] , "a" : "x y" } '),
    ("keys are sorted at every depth", '{"z":{"b":1,"a":2},"y":[{"d":1,"c":2}],"A":0}'),
    ("an empty key comes first", '{"a":1,"":2}'),
    ("a shorter key comes before its extension", '{"ab":1,"a":2,"abc":3}'),
    ("digits are sorted as text", '{"10":1,"9":2,"1":3}'),
    ("the keys of RFC 8785 section 3.2.3", '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}'),
    ("a surrogate pair sorts before U+FB33", '{"\\ufb33":1,"\\ud83d\\ude00":2}'),
    ("a surrogate pair sorts before U+E000 and after U+D7FF", '{"\\ue000":1,"\\ud800\\udc00":2,"\\ud7ff":3}'),
    ("the value of RFC 8785 section 3.2.2", '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}'),
    ("short escapes", '"\\b\\t\\n\\f\\r\\"\\\\"'),
    ("other controls are written with four digits in lower case", '"\\u0000\\u0001\\u000B\\u001F"'),
    ("a slash is not escaped", '"a\\/b"'),
    ("delete, line separator and paragraph separator are not escaped", '"\\u007f\\u2028\\u2029"'),
    ("nothing is normalised", '"\\u00e9 e\\u0301"'),
    ("Hebrew and Arabic", '{"שם":"محمد"}'),
    ("a character beyond the basic plane", '"\\ud83d\\ude00"'),
    ("one as a decimal is one", "1.0"),
    ("minus zero is zero", "-0"),
    ("minus zero as a decimal is zero", "-0.0"),
    ("an exponent goes where the number is short", "1e2"),
    ("trailing zeros go", "0.100"),
    ("below a millionth the exponent stays", "0.0000001"),
    ("a millionth is written out", "1e-6"),
    ("from ten to the twenty-one the exponent stays", "1e21"),
    ("the largest safe integer", "9007199254740991"),
    ("the smallest safe integer", "-9007199254740991"),
    ("a score just below the threshold", "69.9999"),
    ("a double that a careless parser misses", "5.0012500000000003"),
    ("what a third is", "0.3333333333333333"),
    ("an instant and an amount", '{"now":"2026-03-01T12:00:00.000Z","after_cents":12000}'),
]

REFUSED = [
    ("an integer that a double would change", "9007199254740993", "unsafe_integer"),
    ("the first unsafe integer", "9007199254740992", "unsafe_integer"),
    ("the first unsafe negative integer", "-9007199254740992", "unsafe_integer"),
    ("an unsafe integer deep inside", '{"a":[1,{"b":9223372036854775807}]}', "unsafe_integer"),
    ("the first unsafe integer as a decimal", "9007199254740992.0", "unsafe_integer"),
    ("an integer beyond 64 bits", "36893488147419103233", "unsafe_integer"),
    ("a lone surrogate is no text", '"\\ud800"', "not_json"),
]

BUSINESS_NUMBERS = [70.0, 69.9999, 69.999999999, 70.000000001, 40.0, 39.9999, 88.5, 60.5, 87.5, 63.5, 0.1, 0.2, 0.1 + 0.2]


def double(bits: str) -> float:
    return struct.unpack(">d", bytes.fromhex(bits))[0]


def bits_of(x: float) -> str:
    return struct.pack(">d", x).hex()


def number_cases() -> list[dict]:
    for bits, text in RFC_8785_APPENDIX_B:
        if text is not None:
            assert canonical_json.number(double(bits)) == text, (bits, text)
    chosen = [double(bits) for bits, text in RFC_8785_APPENDIX_B if text is not None] + BUSINESS_NUMBERS
    for exponent in range(-30, 31):
        power = float(f"1e{exponent}")
        chosen += [power, math.nextafter(power, 0.0), math.nextafter(power, math.inf), -1.5 * power]
    draw = random.Random(8785)
    while len(chosen) < 900:
        x = double(f"{draw.getrandbits(64):016x}")
        if math.isfinite(x):
            chosen.append(x)
    chosen += [round(draw.uniform(0, 100), 9) for _ in range(100)]
    chosen += [round(draw.uniform(-1e6, 1e6), 2) for _ in range(100)]
    seen, cases = set(), []
    for x in chosen:
        if bits_of(x) not in seen:
            seen.add(bits_of(x))
            assert float(canonical_json.number(x)) == x
            try:
                cases.append({"bits": bits_of(x), "text": canonical(x)})
            except ValueError:
                cases.append({"bits": bits_of(x), "error": "unsafe_integer"})
    return cases


def value_cases() -> list[dict]:
    cases = []
    for name, text in VALUES:
        written = canonical(json.loads(text))
        cases.append(
            {"name": name, "json": text, "canonical": written, "sha256": hashlib.sha256(written.encode()).hexdigest()}
        )
    for name, text, code in REFUSED:
        try:
            canonical(json.loads(text)).encode()
        except ValueError:
            cases.append({"name": name, "json": text, "error": code})
        else:
            raise AssertionError(name)
    return cases


def main() -> int:
    oracle = "tests/oracle/canonical_vectors.py (Python's repr and hashlib)"
    files = {
        "values.json": {"title": "JSON texts, their canonical text and its SHA-256", "oracle": oracle, "cases": value_cases()},
        "numbers.json": {"title": "doubles by their bits, and their canonical text", "oracle": oracle, "cases": number_cases()},
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    stale = []
    for name, content in files.items():
        cases = ",\n".join("  " + json.dumps(case, ensure_ascii=True) for case in content.pop("cases"))
        head = json.dumps(content, indent=1).removesuffix("\n}")
        text = f'{head},\n "cases": [\n{cases}\n ]\n}}\n'
        path = FOLDER / name
        if "--check" in sys.argv:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        print("stale:", *stale)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
