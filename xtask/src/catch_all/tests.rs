use super::faults;
use crate::tree::Tree;

const PATH: &str = "dispatch/server/src/hub.rs";
const EVENT: &str = "use dispatch_core::event::Event;\n";

fn in_file(path: &str, text: &str) -> Vec<String> {
    assert!(syn::parse_file(text).is_ok(), "the example is Rust: {text}");
    faults(&Tree::of(&[(path, text)]))
}

/// Faults of a body beside the import of `Event`.
fn body(body: &str) -> Vec<String> {
    in_file(PATH, &format!("{EVENT}fn f(event: &Event) {{ {body} }}"))
}

#[track_caller]
fn is_fault(text: &str) {
    assert_eq!(body(text).len(), 1, "{text}: {:?}", body(text));
}

#[track_caller]
fn passes(text: &str) {
    assert_eq!(body(text), Vec::<String>::new(), "{text}");
}

#[test]
fn a_fault_names_file_line_and_enum() {
    let text = format!(
        "{EVENT}fn f(event: &Event) {{\n    match event {{\n        Event::A => 1,\n        _ => 2,\n    }};\n}}"
    );
    assert_eq!(
        in_file(PATH, &text),
        ["dispatch/server/src/hub.rs:5: this arm takes every other `Event`: name them"]
    );
}

#[test]
fn catching_arms_are_faults() {
    is_fault("match event { Event::A { .. } => 1, _ => 2 };");
    is_fault("match event { Event::A(x) => x, other => 2 };");
    is_fault("match event { Event::A => 1, whole @ _ => 2 };");
    is_fault("match event { Event::A => 1, Event::B | _ => 2 };");
    is_fault("match event { Event::A => 1, (_) => 2 };");
    is_fault("match *event { Event::A => 1, ref other => 2 };");
    is_fault("match event { &Event::A => 1, &_ => 2 };");
    is_fault("match event { Event::A => 1, _ if late => 2, Event::B => 3 };");
    is_fault("match event { dispatch_core::event::Event::A => 1, _ => 2 };");
}

#[test]
fn arms_that_catch_the_enum_inside_something_are_faults() {
    is_fault("match held { Some(Event::A) => 1, _ => 2 };");
    is_fault("match held { Some(Event::A) => 1, Some(_) => 2, None => 3 };");
    is_fault("match (at, event) { (1, Event::A) => 1, (_, Event::B) => 2, (2, _) => 3 };");
    is_fault("match (at, event) { (1, Event::A) => 1, (_, Event::B) => 2, (2, ..) => 3 };");
    is_fault("match record { Record { event: Event::A, .. } => 1, Record { .. } => 2 };");
    is_fault("match events { [Event::A] => 1, [_] => 2 };");
}

#[test]
fn matches_that_name_all_pass() {
    passes("match event { Event::A { .. } | Event::B(_) => 1, Event::C { x: _, y } => y };");
    passes("match held { Some(Event::A) => 1, None => 2 };");
    passes("match (at, event) { (1, Event::A) => 1, (_, Event::B) => 2 };");
    passes("match event.name() { \"a\" => 1, _ => 2 };");
    passes("match event { Event::A { kind: Kind::X } => 1, Event::A { kind: _ } | Event::B => 2 };");
    passes("match event { whole @ Event::A => 1, Event::B => 2 };");
    passes("match event { Event::A => 1, Event::B => match kind { Kind::X => 1, _ => 2 } };");
}

#[test]
fn looking_at_one_is_a_fault() {
    is_fault("if let Event::A { id, .. } = event { id; }");
    is_fault("if ready && let Some(Event::A) = held && let Some(x) = y { x; }");
    is_fault("while let Some(Event::A) = next() {}");
    is_fault("while ready && let Some(Event::A) = next() {}");
    is_fault("let Event::A { id } = event else { return };");
    is_fault("let is = matches!(event, Event::A | Event::B);");
    is_fault("let is = matches!(event, Event::A(x) if x > 1);");
    is_fault("assert!(ready && matches!(event, Event::A), \"it is\");");
    is_fault("let all = vec![1, if let Event::A = event { 1 } else { 2 }];");
    is_fault("tokio::select! { x = y => { match event { Event::A => 1, _ => 2 }; } };");
    is_fault("let closure = |event: &Event| matches!(event, Event::A);");
}

#[test]
fn looking_at_something_else_passes() {
    passes("if let Some(event) = held { event; }");
    passes("let Some(event) = held else { return };");
    passes("let is = matches!(kind, Kind::X);");
    passes("let made = Event::A { id };");
    passes("let made = Some(if ready { Event::A } else { Event::B });");
}

#[test]
fn a_match_inside_an_arm_or_a_value_is_looked_at() {
    is_fault("match event { Event::A => match event { Event::A => 1, _ => 2 }, Event::B => 3 };");
    is_fault("if matches!(find(|event| matches!(event, Event::A)), Some(_)) {}");
}

#[test]
fn other_names_for_it_are_known() {
    let catching = |head: &str, arm: &str| {
        in_file(PATH, &format!("{head} fn f(x: u8) {{ match x {{ {arm} => 1, _ => 2 }}; }}")).len()
    };
    assert_eq!(catching("use dispatch_core::event::Event as E;", "E::A"), 1);
    assert_eq!(catching("use dispatch_core::event::{self, Record};", "event::Event::A"), 1);
    assert_eq!(catching("use dispatch_core::view;", "view::View::A(_)"), 1);
    assert_eq!(catching("use dispatch_core::event::Event; type E = Event;", "E::A"), 1);
    assert_eq!(catching("use dispatch_core::event::Event::{A, B as C};", "A"), 1);
    assert_eq!(catching("use dispatch_core::event::Event::{A, B as C};", "C { .. }"), 1);
    assert_eq!(catching("use dispatch_core::timer::*;", "TimerKey::Answer(_)"), 1);
    assert_eq!(catching("use super::*;", "Command::A { .. }"), 1);
}

#[test]
fn variants_by_glob_are_a_fault_of_their_own() {
    let found = in_file(PATH, "use dispatch_core::event::Event::*;");
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("brought in by `*`"), "{found:?}");
}

#[test]
fn self_counts_in_its_impl_alone() {
    let inner = "{ fn f(&self) { match self { Self::A => 1, _ => 2 }; matches!(self, Self::A); } }";
    let path = "dispatch/core/src/event.rs";
    assert_eq!(in_file(path, &format!("impl Event {inner}")).len(), 2);
    assert_eq!(in_file(path, &format!("impl Named for Event {inner}")).len(), 2);
    assert_eq!(in_file(path, &format!("impl Kind {inner}")).len(), 0);
}

#[test]
fn another_crates_enum_of_that_name_is_none_of_ours() {
    let matching = "fn f(x: Command) { match x { Command::A => 1, _ => 2 }; }";
    assert_eq!(in_file(PATH, &format!("use std::process::Command; {matching}")).len(), 0);
    assert_eq!(in_file(PATH, &format!("enum Command {{ A, B }} {matching}")).len(), 0);
    let own = "pub enum Command { A, B }";
    let user = format!("use crate::cli::Command; {matching}");
    let tree = Tree::of(&[("dispatch/server/src/cli.rs", own), ("dispatch/server/src/main.rs", &user)]);
    assert_eq!(faults(&tree).len(), 0);
}

#[test]
fn tests_the_auditor_and_other_folders_are_left_alone() {
    let text = format!("{EVENT}fn f(event: Event) {{ matches!(event, Event::A); }}");
    for path in [
        "dispatch/sim/src/trial/auditor/book.rs",
        "dispatch/core/src/tests.rs",
        "dispatch/core/src/tests/alarm.rs",
        "dispatch/core/tests/all.rs",
        "dispatch/e2e/src/cast.rs",
        "benches/src/node.rs",
    ] {
        assert_eq!(in_file(path, &text).len(), 0, "{path}");
    }
    let inner =
        format!("{EVENT}#[cfg(test)] mod tests {{ fn f(event: Event) {{ matches!(event, Event::A); }} }}");
    assert_eq!(in_file(PATH, &inner).len(), 0);
    assert_eq!(in_file("dispatch/sim/src/day.rs", &text).len(), 1);
}
