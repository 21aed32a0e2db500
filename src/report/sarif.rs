//! SARIF 2.1.0 for code scanning, within the limits that GitHub sets.
//!
//! It never holds a secret, whatever was asked for: such files are uploaded, mailed and kept. Results carry a fingerprint of the value, so an alert
//! stays the same alert when lines move, files are renamed, or the history is rewritten. Names of the SARIF library stay in this module.

mod place;
mod rules;

use std::collections::BTreeMap;
use std::io;

use serde_sarif::sarif::{
    Invocation, Message, Notification, PropertyBag, ReportingDescriptorReference, Result as SarifResult, ResultLevel, Run,
    RunAutomationDetails, Sarif as Log, Tool, ToolComponent,
};

use super::escape::{self, write_json};
use super::{Report, Reporter};
use crate::model::{Finding, Problem, Severity};
use place::location;
use rules::Rules;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// GitHub keeps this many results of a run, and as many locations of a result; it refuses runs that are much larger.
const RESULTS: usize = 5_000;
const LOCATIONS: usize = 100;
/// Beyond this, problems are only counted: a tree that nobody may read shall not make a file that nobody takes.
const PROBLEMS: usize = 100;

/// `--format sarif`.
pub struct Sarif;

impl Reporter for Sarif {
    fn write(&self, report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let log = Log::builder().schema(SCHEMA).version("2.1.0").runs(vec![run(report)]).build();
        write_json(&log, out)?;
        out.write_all(b"\n")
    }
}

fn run(report: &Report<'_>) -> Run {
    let (findings, cut) = foremost(report.findings.iter().collect());
    let rules = Rules::of(&findings);
    let prefix = &report.summary.prefix;
    let results: Vec<SarifResult> = findings.iter().map(|f| result(f, rules.index(f), prefix)).collect();
    let mut notifications: Vec<Notification> = Vec::new();
    notifications.extend(
        (cut > 0).then(|| {
            notification("results-cut", &format!("{cut} more secrets were found; only the {RESULTS} most severe are in this file."))
        }),
    );
    notifications.extend(problems(&report.summary.problems));
    // What stands before the last slash tells GitHub which earlier upload this one replaces: that of a tree, not that of a history.
    let category = format!("keysift/{}/", report.summary.scope.as_str());
    // Always "successful": GitHub refuses the whole file otherwise, and what went wrong is told by the notifications.
    let invocation = Invocation::builder().execution_successful(true).tool_execution_notifications(notifications).build();
    let mut run = Run::builder()
        .tool(Tool::builder().driver(driver(&rules)).build())
        .invocations(vec![invocation])
        .automation_details(RunAutomationDetails::builder().id(category).build())
        .column_kind("unicodeCodePoints")
        .results(results)
        .build();
    run.properties = report.summary.protected().map(|protected| {
        let counts = serde_json::json!({ "references": protected.references, "encrypted": protected.encrypted });
        PropertyBag::builder().additional_properties(BTreeMap::from([("protected".to_owned(), counts)])).build()
    });
    run
}

/// The findings that fit into a file and how many do not: all in their order, or the worst first.
fn foremost(mut findings: Vec<&Finding>) -> (Vec<&Finding>, usize) {
    let cut = findings.len().saturating_sub(RESULTS);
    if cut > 0 {
        findings.sort_by_key(|f| std::cmp::Reverse((f.severity, f.confidence)));
        findings.truncate(RESULTS);
    }
    (findings, cut)
}

fn driver(rules: &Rules<'_>) -> ToolComponent {
    ToolComponent::builder()
        .name("keysift")
        .version(env!("CARGO_PKG_VERSION"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .information_uri(env!("CARGO_PKG_REPOSITORY"))
        .rules(rules.descriptors())
        .build()
}

const fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Critical | Severity::High => ResultLevel::Error,
        Severity::Medium => ResultLevel::Warning,
        Severity::Low => ResultLevel::Note,
    }
}

fn result(finding: &Finding, rule_index: i64, prefix: &str) -> SarifResult {
    SarifResult::builder()
        .rule_id(&*finding.rule.id)
        .rule_index(rule_index)
        .level(level(finding.severity))
        .message(Message::builder().text(message(finding)).build())
        .locations(finding.occurrences.iter().take(LOCATIONS).map(|o| location(o, prefix)).collect::<Vec<_>>())
        .partial_fingerprints(fingerprints(finding))
        .build()
}

/// The first sentence says it all, for in narrow places nothing else is shown.
fn message(finding: &Finding) -> String {
    let place = finding.occurrences.first().map(|o| format!(" in {}:{}", o.path, o.start.line)).unwrap_or_default();
    let mut sentences = vec![format!("{} ({}){place}", or(&finding.rule.title, &finding.rule.id), finding.secret)];
    match finding.occurrences.len() {
        0 | 1 => {}
        2 => sentences.push("It stands in 1 other place too".to_owned()),
        n => sentences.push(format!("It stands in {} other places too", n - 1)),
    }
    if let Some(exposure) = &finding.exposure {
        let or_before = if exposure.or_before { "or before " } else { "" };
        sentences.extend(exposure.introduced.as_ref().map(|commit| {
            format!("It came in with {or_before}commit {} by {} on {}", commit.id.short(), commit.author, commit.date.day())
        }));
        sentences.push(match (exposure.at_head, &*exposure.live) {
            (true, _) => "HEAD still has it".to_owned(),
            (false, []) => "Only history has it".to_owned(),
            (false, [tip]) => format!("It still stands at the tip of {tip}"),
            (false, [tip, others @ ..]) => format!("It still stands at the tip of {tip} and {} more", others.len()),
        });
    }
    if let Some(pair) = &finding.pair {
        sentences.push(format!("It stands beside its id ({} {}, line {}): the two together work", pair.title, pair.id, pair.start.line));
    }
    if !finding.evidence.is_empty() {
        sentences.push(format!("Why: {}", finding.evidence.join("; ")));
    }
    let mut message = sentences.join(". ") + ".";
    if !finding.rule.remedy.is_empty() {
        message = format!("{message} {}", finding.rule.remedy);
    }
    plain(&message)
}

/// `text` so that viewers show it as it is: harmless, and no link where something in it looks like one.
fn plain(text: &str) -> String {
    let text = escape::line(text);
    if text.contains("](") { text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]") } else { text }
}

/// GitHub knows an alert again by the first of these alone, in the form of its own line hashes: 16 hex digits and a counter. The counter stays 1,
/// for a secret is one result under its rule, wherever it stands.
fn fingerprints(finding: &Finding) -> BTreeMap<String, String> {
    let fingerprint = finding.fingerprint.to_string();
    let hex: String = fingerprint.rsplit(':').next().unwrap_or_default().chars().take(16).collect();
    [("primaryLocationLineHash", format!("{hex}:1")), ("keysift/v1", fingerprint)].map(|(name, value)| (name.to_owned(), value)).into()
}

fn problems(problems: &[Problem]) -> impl Iterator<Item = Notification> + '_ {
    let more = problems.len().saturating_sub(PROBLEMS);
    let told = problems.iter().take(PROBLEMS).map(|p| notification(p.kind.as_str(), &p.to_string()));
    told.chain((more > 0).then(|| notification("problems-cut", &format!("{more} more problems."))))
}

fn notification(kind: &str, message: &str) -> Notification {
    Notification::builder()
        .descriptor(ReportingDescriptorReference::builder().id(kind).build())
        .level("warning")
        .message(Message::builder().text(plain(message)).build())
        .build()
}

/// GitHub refuses empty strings.
const fn or<'a>(text: &'a str, instead: &'a str) -> &'a str {
    if text.is_empty() { instead } else { text }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Sample, finding, occurrence, render, stable};
    use super::super::{Format, Look, Report};
    use super::{LOCATIONS, PROBLEMS, RESULTS, plain};
    use crate::model::{Finding, Problem, ProblemKind, Severity, Summary};
    use serde_json::Value;
    use std::path::Path;

    fn sarif(findings: &[Finding], summary: &Summary) -> Value {
        let written = render(Format::Sarif, Look { show_secrets: true, ..Look::default() }, &Report { findings, summary, rules: &[] });
        serde_json::from_str(&written).unwrap()
    }

    fn validator() -> jsonschema::Validator {
        let schema = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sarif-schema-2.1.0.json")).unwrap();
        // One pattern of the schema, for a field that we do not write, has a bracket too many and is none that ECMA 262 allows.
        let schema = schema.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
        jsonschema::options().should_validate_formats(true).build(&serde_json::from_str(&schema).unwrap()).unwrap()
    }

    fn assert_valid(log: &Value) {
        let errors: Vec<String> = validator().iter_errors(log).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        assert_no_empty_string(log, "");
    }

    fn assert_no_empty_string(value: &Value, at: &str) {
        match value {
            Value::String(s) => assert!(!s.is_empty(), "empty string at {at}"),
            Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| assert_no_empty_string(v, &format!("{at}/{i}"))),
            Value::Object(fields) => fields.iter().for_each(|(k, v)| assert_no_empty_string(v, &format!("{at}/{k}"))),
            _ => {}
        }
    }

    #[test]
    fn a_report_is_what_code_scanning_expects() {
        let sample = Sample::new();
        let log = sarif(&sample.findings, &sample.summary);
        stable().bind(|| insta::assert_snapshot!(serde_json::to_string_pretty(&log).unwrap(), @r#"
        {
          "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
          "runs": [
            {
              "automationDetails": {
                "id": "keysift/tree/"
              },
              "columnKind": "unicodeCodePoints",
              "invocations": [
                {
                  "executionSuccessful": true,
                  "toolExecutionNotifications": [
                    {
                      "descriptor": {
                        "id": "unreadable"
                      },
                      "level": "warning",
                      "message": {
                        "text": "var/private.log: unreadable: Permission denied (os error 13)"
                      }
                    }
                  ]
                }
              ],
              "properties": {
                "protected": {
                  "encrypted": 3,
                  "references": 12
                }
              },
              "results": [
                {
                  "level": "error",
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "services/api/deploy/prod.env"
                        },
                        "region": {
                          "endColumn": 28,
                          "endLine": 12,
                          "startColumn": 18,
                          "startLine": 12
                        }
                      }
                    },
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "services/api/deploy/old.env"
                        },
                        "region": {
                          "endColumn": 28,
                          "endLine": 40,
                          "startColumn": 18,
                          "startLine": 40
                        }
                      }
                    },
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "services/api/deploy/old.env"
                        },
                        "region": {
                          "endColumn": 28,
                          "endLine": 80,
                          "startColumn": 18,
                          "startLine": 80
                        }
                      }
                    },
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "services/api/deploy/old.env"
                        },
                        "region": {
                          "endColumn": 28,
                          "endLine": 120,
                          "startColumn": 18,
                          "startLine": 120
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "Acme deploy key (acmd_S…Ycrt) in deploy/prod.env:12. It stands in 3 other places too. Why: form of Acme Cloud (acmd_…); its check digits are right. Revoke the key under Settings > Keys, issue a new one, and hand it to the service by its environment or a secret store."
                  },
                  "partialFingerprints": {
                    "keysift/v1": "ks1:[fingerprint]",
                    "primaryLocationLineHash": "[hash]:1"
                  },
                  "ruleId": "acme-deploy-key",
                  "ruleIndex": 0
                },
                {
                  "level": "error",
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "services/api/deploy/prod.env"
                        },
                        "region": {
                          "endColumn": 29,
                          "endLine": 32,
                          "startColumn": 1,
                          "startLine": 30
                        }
                      }
                    },
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "services/api/src/caf%C3%A9%20%231/%E2%80%AEkey.pem"
                        },
                        "region": {
                          "endColumn": 11,
                          "endLine": 1,
                          "startColumn": 1,
                          "startLine": 1
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "Private key (-----BEGIN EC PRIVATE KEY…) in deploy/prod.env:30. It stands in 1 other place too. It stands beside its id (Acme key id i3hv…g6, line 29): the two together work. Why: the key parses."
                  },
                  "partialFingerprints": {
                    "keysift/v1": "ks1:[fingerprint]",
                    "primaryLocationLineHash": "[hash]:1"
                  },
                  "ruleId": "private-key",
                  "ruleIndex": 1
                },
                {
                  "level": "warning",
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "services/api/src/client.rs"
                        },
                        "region": {
                          "endColumn": 191,
                          "endLine": 7,
                          "startColumn": 181,
                          "startLine": 7
                        }
                      }
                    }
                  ],
                  "message": {
                    "text": "Acme deploy key (acmd_G…DFSF) in src/client.rs:7. Why: form of Acme Cloud (acmd_…); but the file is a test. Revoke the key under Settings > Keys, issue a new one, and hand it to the service by its environment or a secret store."
                  },
                  "partialFingerprints": {
                    "keysift/v1": "ks1:[fingerprint]",
                    "primaryLocationLineHash": "[hash]:1"
                  },
                  "ruleId": "acme-deploy-key",
                  "ruleIndex": 0
                }
              ],
              "tool": {
                "driver": {
                  "informationUri": "https://github.com/keysift/keysift",
                  "name": "keysift",
                  "rules": [
                    {
                      "defaultConfiguration": {
                        "level": "error"
                      },
                      "fullDescription": {
                        "text": "The holder can replace every running service of the account, and read the variables they start with."
                      },
                      "help": {
                        "markdown": "**Impact:** The holder can replace every running service of the account, and read the variables they start with.\n\n**What to do:** Revoke the key under Settings > Keys, issue a new one, and hand it to the service by its environment or a secret store.\n\n**Documentation:** <https://acme.example/docs/keys>",
                        "text": "The holder can replace every running service of the account, and read the variables they start with.\n\nRevoke the key under Settings > Keys, issue a new one, and hand it to the service by its environment or a secret store.\n\nhttps://acme.example/docs/keys"
                      },
                      "helpUri": "https://acme.example/docs/keys",
                      "id": "acme-deploy-key",
                      "name": "AcmeDeployKey",
                      "properties": {
                        "precision": "very-high",
                        "security-severity": "9.5",
                        "tags": [
                          "security",
                          "secret",
                          "external/cwe/cwe-798"
                        ]
                      },
                      "shortDescription": {
                        "text": "Acme deploy key"
                      }
                    },
                    {
                      "defaultConfiguration": {
                        "level": "error"
                      },
                      "fullDescription": {
                        "text": "The holder can act as the key's owner."
                      },
                      "help": {
                        "markdown": "**Impact:** The holder can act as the key's owner.",
                        "text": "The holder can act as the key's owner."
                      },
                      "id": "private-key",
                      "name": "PrivateKey",
                      "properties": {
                        "precision": "very-high",
                        "security-severity": "8.0",
                        "tags": [
                          "security",
                          "secret",
                          "external/cwe/cwe-798"
                        ]
                      },
                      "shortDescription": {
                        "text": "Private key"
                      }
                    }
                  ],
                  "semanticVersion": "[version]",
                  "version": "[version]"
                }
              }
            }
          ],
          "version": "2.1.0"
        }
        "#));
    }

    #[test]
    fn reports_meet_the_schema_and_hold_no_empty_string() {
        let sample = Sample::new();
        assert_valid(&sarif(&sample.findings, &sample.summary));
        assert_valid(&sarif(&[], &Summary::default()));
        let bare = finding("x", "", "hunter2", vec![occurrence("[a](b) c", 1, 1), occurrence("<stdin>", 1, 1)]);
        assert_valid(&sarif(&[bare], &sample.summary));
    }

    #[test]
    fn the_schema_does_find_faults() {
        let validator = validator();
        let mut log = sarif(&[], &Summary::default());
        log["runs"][0]["columnKind"] = "bytes".into();
        assert!(!validator.is_valid(&log));
    }

    #[test]
    fn too_much_is_cut_worst_first_and_said() {
        let mut findings: Vec<Finding> = vec![finding("x", "X", "hunter2", vec![occurrence("a", 1, 1); LOCATIONS + 1]); RESULTS + 2];
        findings[RESULTS + 1].severity = Severity::Critical;
        let problem = Problem { what: "a".to_owned(), kind: ProblemKind::Unreadable, detail: String::new() };
        let summary = Summary { problems: vec![problem; PROBLEMS + 3], ..Summary::default() };
        let run = &sarif(&findings, &summary)["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), RESULTS);
        assert_eq!(run["results"][0]["locations"].as_array().unwrap().len(), LOCATIONS);
        assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 1);
        let told = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
        assert_eq!(told[0]["message"]["text"], "2 more secrets were found; only the 5000 most severe are in this file.");
        assert_eq!(told.last().unwrap()["message"]["text"], "3 more problems.");
        assert_eq!(told.len(), PROBLEMS + 2);
    }

    #[test]
    fn nothing_scanned_becomes_a_link() {
        assert_eq!(plain("in [x](https://evil.example).md:1"), r"in \[x\](https://evil.example).md:1");
        assert_eq!(plain("in a[0].md:1"), "in a[0].md:1");
    }
}
