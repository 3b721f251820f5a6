"""Writes phone_plans.bin: the numbering plans of all countries, as the tables that stratum-cdp reads.

    pip install phonenumbers==9.0.43
    python phone_plans.py

The plans are those of Google's libphonenumber (Apache-2.0) as the Python package phonenumbers carries them. Its patterns are
regular expressions over digits; here they become one automaton without cycles, in which equal endings are kept once.
Reading a number is then one step a digit, without a regular expression at run time.

Layout, little endian, each part preceded by its number of entries (u16, of the edges u32):

    version    text
    texts      text: international prefixes, national prefixes for parsing, transform rules
    nodes      u16: the first edge of the node; its last edge stands before the first edge of the next node
    accepts    u8, one bit a node, as many bytes as the nodes need
    edges      u16 mask of digits, u16 node
    plans      2 bytes region ("00": of no country), u16 calling code, u16 node of the general pattern, u32 mask of possible lengths,
               u32 mask of lengths that can only be dialled locally, u8 international prefix, u8 national prefix, u8 transform rule
    countries  u16 calling code, u16 node of the valid numbers, u16 plan of the main region

A text is a u8 length and UTF-8, one of the patterns being long: a u16 length. Node 0 accepts nothing and goes nowhere.
"""
import os
import re._constants as sre
import re._parser as sre_parse
import struct
import sys

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from phonenumbers.phonemetadata import PhoneMetadata

LONGEST = 17
NO_COUNTRY = "00"


class Nfa:
    """Thompson's construction; an end is a state that carries a tag."""

    def __init__(self):
        self.steps, self.empty, self.tags = [], [], []

    def state(self, tag=None):
        self.steps.append([])
        self.empty.append([])
        self.tags.append(tag)
        return len(self.steps) - 1

    def pattern(self, text, tag, open_ended=False):
        end = self.state(tag)
        if open_ended:
            self.steps[end] = [(set(range(10)), end)]
        return self.sequence(sre_parse.parse(text), end)

    def sequence(self, items, end):
        for op, argument in reversed(list(items)):
            end = self.item(op, argument, end)
        return end

    def item(self, op, argument, end):
        if op is sre.LITERAL:
            return self.step({argument - 48}, end)
        if op is sre.IN:
            return self.step(digits(argument), end)
        if op is sre.SUBPATTERN:
            return self.sequence(argument[3], end)
        if op is sre.BRANCH:
            start = self.state()
            self.empty[start] = [self.sequence(branch, end) for branch in argument[1]]
            return start
        if op is sre.MAX_REPEAT:
            least, most, items = argument
            assert most <= LONGEST, (least, most)
            first = end
            for number in range(most, 0, -1):
                first = self.sequence(items, first)
                if number > least:
                    start = self.state()
                    self.empty[start] = [first, end]
                    first = start
            return first
        raise ValueError(op)

    def step(self, wanted, end):
        assert all(0 <= digit <= 9 for digit in wanted)
        start = self.state()
        self.steps[start] = [(wanted, end)]
        return start

    def closure(self, states):
        seen, todo = set(states), list(states)
        while todo:
            for other in self.empty[todo.pop()]:
                if other not in seen:
                    seen.add(other)
                    todo.append(other)
        return frozenset(seen)


def digits(items):
    wanted = set()
    for op, argument in items:
        if op is sre.LITERAL:
            wanted.add(argument - 48)
        elif op is sre.RANGE:
            wanted.update(range(argument[0] - 48, argument[1] - 47))
        elif op is sre.CATEGORY and argument is sre.CATEGORY_DIGIT:
            wanted.update(range(10))
        else:
            raise ValueError(op)
    return wanted


class Automaton:
    """Nodes by content, so that equal endings are one node."""

    def __init__(self):
        self.number = {(False, (0,) * 10): 0}

    def add(self, nfa, start, accepts):
        memo = {}

        def node(states, length):
            key = (states, length)
            if key not in memo:
                after = []
                for digit in range(10):
                    there = {end for state in states for wanted, end in nfa.steps[state] if digit in wanted}
                    after.append(node(nfa.closure(there), length + 1) if there and length < LONGEST else 0)
                content = (accepts({nfa.tags[state] for state in states} - {None}, length), tuple(after))
                memo[key] = self.number.setdefault(content, len(self.number))
            return memo[key]

        return node(nfa.closure([start]), 0)


def kinds(plan):
    """The descriptions by which a number has a type; libphonenumber compares mobile only where it differs from fixed."""
    found = [plan.premium_rate, plan.toll_free, plan.shared_cost, plan.voip, plan.personal_number, plan.pager, plan.uan,
             plan.voicemail, plan.fixed_line, plan.mobile]
    return [desc for desc in found if desc is not None and desc.national_number_pattern]


def mask(lengths):
    return sum(1 << length for length in lengths if length <= 31)


def plan_of(code, region):
    return PhoneMetadata.metadata_for_region_or_calling_code(code, region)


def valid_numbers(automaton, code, regions):
    """Valid is a number whose region has a type for it; the regions of one code are asked in order."""
    nfa = Nfa()
    start = nfa.state()
    lengths = {}

    def note(desc, tag):
        lengths[tag] = set(desc.possible_length)
        nfa.empty[start].append(nfa.pattern(desc.national_number_pattern, tag))

    for index, region in enumerate(regions):
        plan = plan_of(code, region)
        note(plan.general_desc, (index, "general"))
        for number, desc in enumerate(kinds(plan)):
            note(desc, (index, number))
        if plan.leading_digits:
            nfa.empty[start].append(nfa.pattern(plan.leading_digits, (index, "leading"), open_ended=True))

    def accepts(tags, length):
        def holds(tag):
            return tag in tags and (not lengths[tag] or length in lengths[tag])

        for index, region in enumerate(regions):
            plan = plan_of(code, region)
            typed = holds((index, "general")) and any(holds((index, kind)) for kind in range(len(kinds(plan))))
            if len(regions) == 1:
                return typed
            if plan.leading_digits:
                if (index, "leading") in tags:
                    return typed
            elif typed:
                return True
        return False

    return automaton.add(nfa, start, accepts)


def general_pattern(automaton, plan):
    nfa = Nfa()
    return automaton.add(nfa, nfa.pattern(plan.general_desc.national_number_pattern, "end"), lambda tags, length: bool(tags))


def main(path):
    automaton, texts, plans, index_of = Automaton(), [""], [], {}

    def text(value):
        value = value or ""
        if value not in texts:
            texts.append(value)
        return texts.index(value)

    for code, regions in sorted(COUNTRY_CODE_TO_REGION_CODE.items()):
        for region in regions:
            plan = plan_of(code, region)
            index_of[code, region] = len(plans)
            name = NO_COUNTRY if region == "001" else region
            plans.append(struct.pack(
                "<2sHHIIBBB", name.encode(), code, general_pattern(automaton, plan), mask(plan.general_desc.possible_length),
                mask(plan.general_desc.possible_length_local_only), text(plan.international_prefix),
                text(plan.national_prefix_for_parsing), text(plan.national_prefix_transform_rule)))
    countries = [struct.pack("<HHH", code, valid_numbers(automaton, code, regions), index_of[code, regions[0]])
                 for code, regions in sorted(COUNTRY_CODE_TO_REGION_CODE.items())]

    nodes, edges, accepts = [], [], bytearray((len(automaton.number) + 7) // 8)
    for (accepting, after), number in sorted(automaton.number.items(), key=lambda entry: entry[1]):
        nodes.append(len(edges))
        for target in sorted(set(after) - {0}):
            edges.append((sum(1 << digit for digit in range(10) if after[digit] == target), target))
        if accepting:
            accepts[number // 8] |= 1 << number % 8
    assert len(edges) < 1 << 16 and len(nodes) < 1 << 16, (len(nodes), len(edges))

    def long_text(value):
        return struct.pack("<H", len(value.encode())) + value.encode()

    with open(path, "wb") as out:
        out.write(long_text(phonenumbers.__version__))
        out.write(struct.pack("<H", len(texts)) + b"".join(map(long_text, texts)))
        out.write(struct.pack("<H", len(nodes)) + struct.pack(f"<{len(nodes)}H", *nodes) + bytes(accepts))
        out.write(struct.pack("<I", len(edges)) + b"".join(struct.pack("<HH", *edge) for edge in edges))
        out.write(struct.pack("<H", len(plans)) + b"".join(plans))
        out.write(struct.pack("<H", len(countries)) + b"".join(countries))
    print(f"{path}: {len(nodes)} nodes, {len(edges)} edges, {len(plans)} plans, {os.path.getsize(path)} bytes", file=sys.stderr)


if __name__ == "__main__":
    main(os.path.join(os.path.dirname(os.path.abspath(__file__)), "phone_plans.bin"))
