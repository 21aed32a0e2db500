#!/usr/bin/env python3
"""What is ordinary: three-letter statistics and a word set, learnt from the files of clean source trees.

    language.py OUT TREE...

Writes OUT (see `src/engine/classify.rs` for its layout): 29³ bytes, the surprise of a letter behind two others in sixteenths of a bit, then a
Bloom filter of words. Only words that stand in files of several folders count, so that no single file's strings are learnt.
"""
import collections
import math
import os
import re
import sys

SIDE = 29  # a to z, a digit, the edge of a word, anything else
EDGE = 27
BLOOM_BITS = 1 << 19
HASHES = 5
WORDS = 32_000
LEAST, MOST = 4, 12
PART = re.compile(rb"[A-Z]?[a-z]{2,}|[A-Z]{3,}(?![a-z])")


def files(tree):
    for folder, subfolders, names in os.walk(tree):
        subfolders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield path


def fnv(word):
    value = 0x811C9DC5
    for byte in word:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def slots(word):
    """Where the filter keeps `word`: two hashes made from one, as in Kirsch and Mitzenmacher."""
    a = fnv(word)
    b = ((a >> 15) * 0x9E3779B1 & 0xFFFFFFFF) | 1
    return [((a + i * b) & 0xFFFFFFFF) % BLOOM_BITS for i in range(HASHES)]


def main():
    out, trees = sys.argv[1], sys.argv[2:]
    folders = collections.defaultdict(set)
    for tree in trees:
        paths = list(files(tree))
        step = max(1, len(paths) // 20_000)
        for path in paths[::step]:
            with open(path, "rb") as file:
                text = file.read(60_000)
            if b"\0" in text[:4000]:
                continue
            top = hash_free(os.path.relpath(os.path.dirname(path), tree), tree)
            for word in set(PART.findall(text)):
                if len(word) <= 20:
                    folders[word.lower()].add(top)
    spread = {word: len(where) for word, where in folders.items() if len(where) >= 4}
    counts = [[[0.05] * SIDE for _ in range(SIDE)] for _ in range(SIDE)]
    for word, where in spread.items():
        weight = math.log2(1 + where)
        before = (EDGE, EDGE)
        for letter in [byte - 97 for byte in word] + [EDGE]:
            counts[before[0]][before[1]][letter] += weight
            before = (before[1], letter)
    table = bytearray()
    for one in counts:
        for two in one:
            total = sum(two)
            table += bytes(min(255, round(-16 * math.log2(n / total))) for n in two)
    chosen = sorted((w for w in spread if LEAST <= len(w) <= MOST), key=lambda w: (-spread[w], w))[:WORDS]
    bloom = bytearray(BLOOM_BITS // 8)
    for word in chosen:
        for slot in slots(word):
            bloom[slot // 8] |= 1 << slot % 8
    with open(out, "wb") as file:
        file.write(table + bloom)
    print(f"{len(spread)} words in 4 folders or more, {len(chosen)} kept; rarest: {[w.decode() for w in chosen[-8:]]}")


def hash_free(folder, tree):
    """The first two folders below a tree stand for where a word was seen."""
    return tree, tuple(folder.split(os.sep)[:2])


if __name__ == "__main__":
    main()
