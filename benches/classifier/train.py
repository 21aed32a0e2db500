#!/usr/bin/env python3
"""Trains the classifier of generic credentials and writes its tables.

    train.py --labels LABELS.jsonl.gz --labelled LABELLED.tsv --clean CLEAN.tsv... --out src/engine/classify/model.bin

The `.tsv` files are what `candidates` (see candidates.rs) prints: for the labelled lines of LABELS, written to files and scanned from their
folder, and for clean trees, where nothing is a credential. Features are worked out in Rust only. Needs Python 3.11, numpy and scikit-learn.

Prints figures cross-validated by repository (the first element of a path): no repository is judged by trees that saw it. The thresholds at the
end of `--low` and `--medium` are log-odds; the same numbers, times 256, stand in src/engine/classify.rs.
"""
import argparse
import collections
import csv
import gzip
import json
import pathlib
import random
import re
import string
import struct
import zlib

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold

FIRST = 6  # columns before the features


def read(path):
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE, escapechar=None))
    head, rows = rows[0], [r for r in rows[1:] if len(r) == len(rows[0])]
    return head[FIRST:], rows, np.array([[int(x) for x in r[FIRST:]] for r in rows], np.int32).reshape(len(rows), -1)


def labels(path):
    """path -> [(start, end, truth, view, values)]"""
    out = {}
    with gzip.open(path, "rt") as file:
        for row in file:
            rec = json.loads(row)
            out[rec["path"]] = [(u["start"], u["end"], u["truth"] == "T", u["view"], u["values"]) for u in rec["labels"]]
    return out


def judge(rows, known):
    """For each candidate 1, 0 or None, where its line has a credential but not in this value; and whether a label says so."""
    truth, firm = [], []
    for row in rows:
        path, line, value = row[0].removeprefix("./"), int(row[1]), row[5]
        near = [u for u in known.get(path, ()) if u[0] <= line <= u[1]]
        true = [u for u in near if u[2]]
        if any(v in value or value in v for u in true for v in u[4]):
            truth.append(1)
        elif true:
            truth.append(None)
        else:
            truth.append(0)
        firm.append(bool(near))
    return truth, firm


def invent(folder, labels_path, rows, truth, clean, seed):
    """Lines with labelled passwords, and in their place such as people choose: words with digits and signs. The labelled ones were made
    unreadable letter by letter, so that nothing else would teach what a memorable password looks like."""
    rng = random.Random(seed)
    parts = {p.lower() for rows_ in clean for r in rows_ for p in re.findall(r"[A-Z]?[a-z]{3,8}", r[4])}
    words = sorted(parts)
    with gzip.open(labels_path, "rt") as file:
        texts = {rec["path"]: rec["lines"] for rec in map(json.loads, file)}
    for number, (row, true) in enumerate(zip(rows, truth)):
        path = row[0].removeprefix("./")
        line = texts[path].get(row[1], "")
        if not true or row[2] != "generic-password" or len(row[5]) < 5 or row[5] not in line:
            continue
        one, two = rng.choice(words), rng.choice(words)
        leet = "".join({"a": "4", "e": "3", "i": "1", "o": "0", "s": "5"}.get(c, c) if rng.random() < 0.6 else c for c in one)
        sign, digits = rng.choice("!@#$%&*?+"), rng.choice([str(rng.randint(1, 99)), str(rng.randint(1980, 2025)), "123", "1234"])
        value = rng.choice([one.title() + digits + sign, one.title() + sign + digits, leet.title() + sign + digits, one.title() + two.title() + digits,
                            leet + digits + sign, one.title() + digits + two, leet.title() + two + sign, one + sign + two.title() + digits])
        place = pathlib.Path(folder, path).parent / "made" / f"{number}{pathlib.Path(path).suffix}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(line.replace(row[5], value) + "\n")
    machine_made(pathlib.Path(folder), words, rng)


def machine_made(folder, words, rng):
    """Lines as services tell their users to write them, with values as services make them: names, styles, alphabets and kinds of file in all
    combinations, of which few repositories have many."""
    lower, upper, digit = string.ascii_lowercase, string.ascii_uppercase, string.digits
    alphabets = [lower + upper + digit] * 4 + [digit + "abcdef"] * 3 + [digit + "ABCDEF", lower + digit, lower + digit, upper + digit,
                 lower + upper + digit + "-_", lower + upper + digit + "-_", lower + upper + digit + "+/", lower + upper + digit + "!@#$%^&*+-"]
    nouns = ["token", "api_key", "secret", "client_secret", "access_token", "key", "auth_token", "api_token", "secret_key", "access_key",
             "private_key", "credential", "api_secret", "auth_key"]
    styles = ["{n} = '{v}'", '{n} = "{v}"', "{n}={v}", "{n}: {v}", '{n}: "{v}"', '"{n}": "{v}",', "{n}='{v}'", 'export {n}="{v}"', 'var {n} = "{v}"',
              'const {n} = "{v}";', '  {n} := "{v}"', 'String {n} = "{v}";', "    {n}: '{v}',", "{n} => '{v}'", "${n} = '{v}';", "--{n} {v}", "--{n}={v}",
              'os.environ["{n}"] = "{v}"', '<{n}>{v}</{n}>', 'set{n}("{v}");', "[DEBUG] Using {n}={v}", 'static final String {n} = "{v}";',
              'var {n} string = "{v}"', "{n} - '{v}'", "{n} {v}", "<{n}>\n    {v}\n</{n}>", 'export const {n} =\n  "{v}";', '{n} ::= "{v}"',
              "{n} ?= {v}", '- name: {n}\n  value: {v}', '${n} .= "{v}"', 'os.Setenv("{n}", "{v}")', '{n} = os.getenv("X") || "{v}"']
    endings = ["txt", "txt", "md", "yml", "py", "js", "go", "java", "env", "json", "conf", "rb", "ts", "tf", "properties", "sh", "log"]
    for number in range(2000):
        word, noun = rng.choice(words), rng.choice(nouns)
        joined = word + "_" + noun
        camel = word + "".join(p.title() for p in noun.split("_"))
        name = rng.choice([joined, joined.upper(), joined.upper(), camel, camel.title(), joined.replace("_", "-"), noun, noun.upper(), word + " " + noun])
        alphabet = rng.choice(alphabets)
        length = rng.choice([16, 20, 22, 24, 28, 32, 32, 32, 36, 40, 40, 43, 48, 52, 60, 64, 64, 80])
        value = "".join(rng.choice(alphabet) for _ in range(length))
        kind = rng.random()
        if kind < 0.15:
            value = word[:3] + rng.choice("_-") + value
        elif kind < 0.2:
            value = value[:8] + "-" + value[8:16] + "-" + value[16:]
        elif kind < 0.3:
            cut = rng.randint(4, length - 4)
            value = value[:cut] + rng.choice("..:_-=") + value[cut:]
        elif kind < 0.35 and "+" in alphabet:
            value += "=" * rng.randint(1, 2)
        place = folder / f"made{number % 40}" / "made" / f"{number}.{rng.choice(endings)}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(rng.choice(styles).replace("{n}", name).replace("{v}", value) + "\n")


def model(trees, seed):
    return HistGradientBoostingClassifier(
        learning_rate=0.06, max_iter=trees, max_leaf_nodes=16, min_samples_leaf=12, l2_regularization=3.0, max_features=0.3,
        early_stopping=False, random_state=seed)


def report(name, known, rows, scores, least):
    """Precision and recall of lines, as the score tool counts them, of what this classifier alone finds."""
    found = collections.defaultdict(bool)
    for row, score in zip(rows, scores):
        if score >= least:
            found[row[0].removeprefix("./"), int(row[1])] = True
    tp = fp = true = 0
    for path, units in known.items():
        for start, end, truth, view, _ in units:
            if view == "other":
                continue
            hit = any(found.get((path, line)) for line in range(start, end + 1))
            true += truth
            tp += truth and hit
            fp += hit and not truth
    print(f"  {name} (log-odds {least:.2f}): TP {tp} FP {fp}  precision {100 * tp / max(1, tp + fp):.1f} %  "
          f"of all labelled credentials {100 * tp / true:.1f} %")


def distil(fitted, names):
    """Features, trees, base; then for each tree its inner nodes in preorder (feature, threshold, yes, no) and leaves. Little-endian."""
    base = round(float(np.ravel(fitted._baseline_prediction)[0]) * 4096)
    body, count = b"", 0
    for (tree,) in fitted._predictors:
        nodes, inner, leaves = tree.nodes, [], []

        def walk(i):
            node = nodes[i]
            if node["is_leaf"]:
                leaves.append(max(-32768, min(32767, round(float(node["value"]) * 4096))))
                return 127 + len(leaves)
            at = len(inner)
            inner.append(None)
            yes, no = walk(node["left"]), walk(node["right"])
            threshold = int(np.clip(np.floor(node["num_threshold"]), -32768, 32767))
            inner[at] = struct.pack("<BhBB", node["feature_idx"], threshold, yes, no)
            return at

        walk(0)
        if not inner:
            base += leaves[0]
            continue
        count += 1
        body += bytes([len(inner)]) + b"".join(inner) + b"".join(struct.pack("<h", leaf) for leaf in leaves)
    return struct.pack("<hhi", len(names), count, base) + body


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--labels", required=True)
    ap.add_argument("--labelled", required=True)
    ap.add_argument("--clean", nargs="*", default=[])
    ap.add_argument("--invent", metavar="FOLDER", help="only write files with invented passwords to this folder, for `candidates`")
    ap.add_argument("--invented", help="what `candidates` printed for that folder")
    ap.add_argument("--out")
    ap.add_argument("--trees", type=int, default=150)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--clean-weight", type=float, default=0.5)
    ap.add_argument("--made-weight", type=float, default=0.5)
    ap.add_argument("--low", type=float, default=0.0)
    ap.add_argument("--medium", type=float, default=2.0)
    args = ap.parse_args()
    known = labels(args.labels)
    names, rows, x = read(args.labelled)
    truth, firm = judge(rows, known)
    if args.invent:
        return invent(args.invent, args.labels, rows, truth, [read(path)[1] for path in args.clean], args.seed)
    groups = np.array([r[0].removeprefix("./").split("/")[0] for r in rows])
    sizes = collections.Counter((g, t) for g, t in zip(groups, truth))
    y = np.array([-1 if t is None else t for t in truth])
    # Large repositories count less than their size, unlabelled lines less than labelled ones.
    weight = np.array([(20 / (20 + sizes[g, t])) ** 0.5 * (1 if t or f else 0.5) for g, t, f in zip(groups, truth, firm)])
    clean_x, clean_groups, clean_rows, seen = [], [], [], set()
    for path in args.clean:
        _, more, numbers = read(path)
        for row, one in zip(more, numbers):
            if (row[4], row[5]) not in seen:
                seen.add((row[4], row[5]))
                parts = row[0].removeprefix("./").split("/")
                # A crate, a driver, a package.
                clean_groups.append(f"{path}:{'/'.join(parts[:2])}")
                clean_rows.append([path, *row])
                clean_x.append(one)
    clean_x = np.array(clean_x).reshape(len(clean_x), len(names))
    clean_groups = np.array(clean_groups)
    print(f"{sum(y == 1)} true, {sum(y == 0)} false, {sum(y < 0)} undecided in {len(set(groups))} repositories; "
          f"{len(clean_rows)} distinct clean candidates in {len(set(clean_groups))} folders")

    made_x, made_groups = np.zeros((0, len(names)), int), np.array([])
    if args.invented:
        _, made, made_x = read(args.invented)
        machine = np.array([row[0].removeprefix("./").startswith("made") for row in made])
        person = np.array([row[2] == "generic-password" and any(c.isdigit() or not c.isalnum() for c in row[5]) for row in made])
        keep = machine | person
        made_x, made_groups = made_x[keep], np.array([r[0].removeprefix("./").split("/")[0] for r in made])[keep]
        print(f"{len(made_x)} with invented values")

    fold_of_clean = np.array([zlib.crc32(g.encode()) % 5 for g in clean_groups], dtype=int)
    scores, clean_scores = np.zeros(len(rows)), np.zeros(len(clean_rows))

    def fit(own, others, seed):
        keep = own & (y >= 0)
        mine = np.isin(made_groups, groups[own]) | np.char.startswith(made_groups.astype(str), "made")
        data = np.concatenate([x[keep], clean_x[others], made_x[mine]])
        target = np.concatenate([y[keep], np.zeros(int(others.sum()), int), np.ones(int(mine.sum()), int)])
        weights = [weight[keep], np.full(int(others.sum()), args.clean_weight), np.full(int(mine.sum()), args.made_weight)]
        return model(args.trees, seed).fit(data, target, np.concatenate(weights))

    for fold, (train, test) in enumerate(GroupKFold(5).split(x, y, groups)):
        own = np.zeros(len(rows), bool)
        own[train] = True
        fitted = fit(own, fold_of_clean != fold, args.seed)
        scores[test] = fitted.decision_function(x[test])
        held = fold_of_clean == fold
        if held.any():
            clean_scores[held] = fitted.decision_function(clean_x[held])
    print("cross-validated by repository:")
    for name, least in (("low", args.low), ("medium", args.medium)):
        report(name, known, rows, scores, least)
        for path in args.clean:
            mine = np.array([r[0] == path for r in clean_rows])
            print(f"    held-out folders of {path.rsplit('/', 1)[-1]}: {int((clean_scores[mine] >= least).sum())} of {int(mine.sum())} reported")
    if args.out:
        fitted = fit(np.ones(len(rows), bool), np.ones(len(clean_rows), bool), args.seed)
        table = distil(fitted, names)
        with open(args.out, "wb") as file:
            file.write(table)
        print(f"{args.out}: {len(table)} bytes")
    return known, rows, scores, y, clean_rows, clean_scores, names, x, clean_x


if __name__ == "__main__":
    main()
