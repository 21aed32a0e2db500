//! keysift seen from outside: the real binary and the public library, on trees that each test makes for itself.

mod against_git;
mod architecture;
mod dogfood;
mod encoded;
mod exit_codes;
mod explain;
mod history;
mod hooks;
mod init;
mod inputs;
mod keys;
mod library;
mod never_flagged;
mod pairs;
mod protected;
mod ranges;
mod reports;
mod rules;
mod secrecy;
mod staged;
mod support;
mod walker;
