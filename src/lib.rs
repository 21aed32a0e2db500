//! keysift finds leaked credentials in files, streams and git histories.
//!
//! # The life of a byte
//!
//! A [`source`] finds it and opens it. [`scan`] reads it into a buffer its worker owns and, where it is UTF-16, has [`decode`] turn it into
//! UTF-8. The [`engine`] looks: anchors skip nearly everything, a shape gate nearly all of the rest; a hit that remains cuts a window, the
//! rule's pattern runs there, checks say *keep*, or *drop, because …*. A match becomes a sighting with line and column, and with the id that stands
//! beside it ([`engine::pair`]); sightings of one secret become one [`model::Finding`]. A [`report`] writes it down. Rules are data: [`rules`] holds what `build.rs` made of `rules/*.toml`.
//!
//! A byte of history sleeps in a delta inside a pack: [`git`] inflates it, [`scan`] looks at what is new in it and inherits the rest from the object
//! it is built on; paths and commits are asked for only where something was found.
//!
//! ```no_run
//! use keysift::engine::Engine;
//! use keysift::model::Confidence;
//! use keysift::rules::RuleSet;
//! use keysift::scan::{Plan, run};
//! use keysift::source::Tree;
//!
//! let plan = Plan { min_confidence: Confidence::Medium, threads: 2, ..Plan::new(Engine::new(RuleSet::built_in())) };
//! let outcome = run(&plan, &[&Tree::new(vec!["src".into()])]);
//! for finding in &outcome.findings {
//!     println!("{} in {}: {}", finding.rule.title, finding.occurrences[0].path, finding.secret); // masked
//! }
//! ```
//!
//! # What is absent
//!
//! - `engine` and `decode` have no files, clock, network or threads; a match knows no path.
//! - `git` has never heard of secrets, and executes nothing that a repository says.
//! - Nothing here prints or exits: that is the binary's part. Nothing opens a socket.
//! - [`model::Finding`] has no `Serialize`: no format gets a secret by accident.
//!
//! Arrows point one way: `cli → scan → {source, decode, engine, report} → {git, rules} → model`, and `recent`, a small memory, serves whoever
//! needs one; siblings never import each other. A test reads the `use` lines and fails on an arrow that turned round.

#![deny(missing_docs)]

pub mod decode;
pub mod engine;
pub mod git;
pub mod model;
mod recent;
pub mod report;
pub mod rules;
pub mod scan;
pub mod source;
