//! The inner loops, in bytes or pieces a second, through the public API.
//!
//! Every text is made here from a fixed seed: nothing is fetched, and each run sees the same bytes. Made text is kinder than some trees and
//! harder than others, so compare a change with the run before it; how keysift stands beside other programs is for `benches/compare`.

use std::hint::black_box;
use std::ops::RangeInclusive;
use std::time::Duration;

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use keysift::decode::{Encoding, Utf16};
use keysift::engine::assignment::{Operator, Quote};
use keysift::engine::classify::{Candidate, scores};
use keysift::engine::{Engine, Match, Scanner, Silent, Text, checks};
use keysift::model::{Fingerprint, Position, Tracker};
use keysift::rules::RuleSet;
use keysift::rules::template::fill;

/// Large beside the caches that a core has to itself.
const LONG: usize = 4 << 20;
/// What a commit or a source file is like.
const SMALL: usize = 4 << 10;

const SYLLABLES: [&str; 24] = [
    "al", "bar", "cor", "dex", "en", "fin", "gra", "ham", "in", "jun", "kit", "lo", "mar", "nod", "or", "pre", "qu", "ren", "sta", "tri",
    "un", "ver", "wi", "zo",
];

/// Lines of code, markup and prose; each `@` becomes a name, each `#` a number.
const ORDINARY: [&str; 16] = [
    "    let @ = self.@.iter().filter(|@| @.len() > #).count();",
    "        if @(@, #) != @::@ { return Err(@); }",
    "pub fn @(&self, @: &@, @: usize) -> Option<@> {",
    "#include <@/@.h>",
    "    for (int @ = #; @ < @; @++) @[@] = @(@ + #);",
    "/* @ the @ of @ before @, so that @ may @ again */",
    "  <div class=\"@ @\" id=\"@-#\"><span>@ @ @</span></div>",
    "- @ @ @ @, and @ @; see https://@.org/@/@.html#@",
    "    \"@\": { \"@\": #, \"@\": [\"@\", \"@\"], \"@\": null },",
    "    @.@ = function (@) { return @.@(@) ? @ : this.@; };",
    "static const struct @ @_@[] = { { .@ = 0x#, .@ = @ }, };",
    "        self.@(\"@ @ %s: %d\" % (@, #))",
    "# @: @ @ @ @ @ (@)",
    "export const @ = async ({ @, @ }: @) => await @(@);",
    "}",
    "",
];

/// Lines that hold the words generic rules look for, and nothing that a report would name.
const WORDY: [&str; 10] = [
    "    password = os.environ[\"@_PASSWORD\"]",
    "def @(token, password=None, secret=@):",
    "        if not self.api_key or token_type == \"@\":",
    "  password: ${@_PASSWORD}",
    "    return session.get(@, auth=(token, password))",
    "// the @ secret and the access token of @ are read from @",
    "    <label for=\"password\">@ password</label>",
    "DB_PASSWORD=changeme",
    "  secret_name: @-@",
    "    let credentials = Credentials::new(@, client_secret);",
];

/// Lines with a token, by template.
const TOKENS: [&str; 4] = [
    "export GITHUB_TOKEN=ghp_{{base62:30}}{{crc32_base62:6}}",
    "  aws_secret_access_key = {{base64:40}}",
    "Authorization: Bearer {{jwt}}",
    "DATABASE_URL=postgres://app:{{base62:20}}@db.acme.io:5432/app",
];

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 16) as usize % n
    }

    fn line(&mut self, shapes: &[&str], out: &mut String) {
        for c in shapes[self.below(shapes.len())].chars() {
            match c {
                '@' => (0..self.below(3) + 1).for_each(|_| out.push_str(SYLLABLES[self.below(SYLLABLES.len())])),
                '#' => out.push_str(&self.below(5000).to_string()),
                c => out.push(c),
            }
        }
        out.push('\n');
    }
}

/// At least `len` bytes; `special` picks the shapes of one line in every `every`.
fn text(len: usize, every: usize, special: &[&str]) -> String {
    let mut random = Random(17);
    let mut out = String::with_capacity(len + 200);
    while out.len() < len {
        let shapes = if !special.is_empty() && random.below(every) == 0 { special } else { &ORDINARY };
        random.line(shapes, &mut out);
    }
    out
}

fn ordinary(len: usize) -> String {
    text(len, 1, &[])
}

/// Ordinary text with a token on one line in fifty, and how many there are.
fn with_tokens(len: usize) -> (String, usize) {
    let mut out = String::with_capacity(len + 300);
    let mut count = 0;
    for (i, line) in ordinary(len).lines().enumerate() {
        if i % 50 == 49 {
            out.push_str(&fill(TOKENS[count % TOKENS.len()], &count.to_string()).expect("a well-formed template"));
            out.push('\n');
            count += 1;
        }
        out.push_str(line);
        out.push('\n');
    }
    (out, count)
}

fn quick<'c>(criterion: &'c mut Criterion, name: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(20).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    group
}

fn found(scanner: &mut Scanner<'_>, bytes: &[u8], matches: &mut Vec<Match>) -> usize {
    matches.clear();
    scanner.scan(Text::whole(black_box(bytes)), matches, &mut Silent);
    matches.len()
}

fn scan(criterion: &mut Criterion) {
    let engine = Engine::new(RuleSet::built_in());
    let mut scanner = engine.scanner();
    let mut matches = Vec::new();
    let mut group = quick(criterion, "scan");
    let mut bench = |name: &str, text: &str, expected: RangeInclusive<usize>| {
        let count = found(&mut scanner, text.as_bytes(), &mut matches);
        assert!(expected.contains(&count), "{name}: {count} matches, expected {expected:?}");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |b| b.iter(|| found(&mut scanner, text.as_bytes(), &mut matches)));
    };
    // Anchors and shape: nothing else runs.
    bench("ordinary text", &ordinary(LONG), 0..=0);
    // Anchors, shape and the parser of names and values. A bare word is a match to the engine; what kind of file it is in decides later.
    let wordy = text(LONG, 1, &WORDY);
    bench("a generic word on every line", &wordy, 0..=wordy.lines().count() / 5);
    // The whole way, several hundred times a megabyte.
    let (tokens, count) = with_tokens(LONG);
    bench("a token on every fiftieth line", &tokens, count..=2 * count);

    // What a call costs besides its bytes, over files that are not all in the nearest cache.
    let files: Vec<String> = ordinary(LONG).as_bytes().chunks(SMALL).map(|c| String::from_utf8_lossy(c).into_owned()).collect();
    group.throughput(Throughput::Bytes(files.iter().map(|f| f.len() as u64).sum()));
    group.bench_function("files of 4 KiB", |b| {
        b.iter(|| files.iter().map(|f| found(&mut scanner, f.as_bytes(), &mut matches)).sum::<usize>())
    });
    group.finish();
}

fn judge(criterion: &mut Criterion) {
    let rules = RuleSet::built_in();
    let mut group = quick(criterion, "judge");
    group.throughput(Throughput::Elements(1));
    for (id, template) in [
        ("github-personal-access-token", "ghp_{{base62:30}}{{crc32_base62:6}}"),
        ("aws-secret-access-key", "{{base64:40}}"),
        ("jwt", "{{jwt}}"),
        ("private-key-rsa", "{{pem:RSA PRIVATE KEY}}"),
    ] {
        let rule = rules.get(id).unwrap_or_else(|| panic!("no rule {id}"));
        let value = fill(template, "judge").expect("a well-formed template");
        let value = value.as_bytes();
        assert!(checks::judge(rule, value, value).is_ok(), "{id} keeps its own sample");
        group.bench_function(id, |b| b.iter(|| checks::judge(rule, black_box(value), value)));
    }
    group.finish();
}

/// One candidate for a generic credential, scored for all kinds of file.
fn classify(criterion: &mut Criterion) {
    let mut group = quick(criterion, "classify");
    group.throughput(Throughput::Elements(1));
    for (what, template) in [("a password", "{{any:a-zA-Z0-9!#%:14}}"), ("a token", "{{base62:40}}"), ("words", "not a secret at all")] {
        let value = fill(template, "classify").expect("a well-formed template");
        let candidate = Candidate {
            name: b"DB_PASSWORD",
            anchor: b"PASSW",
            value: value.as_bytes(),
            before: b"    environment.",
            between: b" = \"",
            behind: b"\",",
            quote: Quote::Double,
            operator: Operator::Assign,
            alone: true,
        };
        group.bench_function(what, |b| b.iter(|| scores(black_box(&candidate))));
    }
    group.finish();
}

/// What every process pays before its first byte.
fn start(criterion: &mut Criterion) {
    let mut group = quick(criterion, "start");
    group.bench_function("Engine::new, built-in rules", |b| b.iter(|| Engine::new(RuleSet::built_in())));
    group.finish();
}

fn around(criterion: &mut Criterion) {
    let text = ordinary(LONG);
    let mut group = quick(criterion, "around");

    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut decoded = Vec::with_capacity(2 * utf16.len());
    group.throughput(Throughput::Bytes(utf16.len() as u64));
    group.bench_function("UTF-16 to UTF-8", |b| {
        b.iter(|| {
            decoded.clear();
            let mut decoder = Utf16::new(Encoding::Utf16Le).expect("an encoding of UTF-16");
            decoder.decode(black_box(&utf16), true, &mut decoded);
            decoded.len()
        });
    });

    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("lines and columns of 1,000 places", |b| {
        b.iter(|| {
            let mut tracker = Tracker::new(Position::START);
            (1..=1000).map(|i| tracker.advance(black_box(text.as_bytes()), text.len() / 1000 * i)).last()
        });
    });

    // Slow on purpose; it must not become so by accident.
    group.throughput(Throughput::Elements(1));
    group.bench_function("fingerprint", |b| b.iter(|| Fingerprint::of(black_box(b"not a credential, only as long as one"))));
    group.finish();
}

criterion_group!(benches, scan, judge, classify, start, around);
criterion_main!(benches);
