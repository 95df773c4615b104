//! Where in a pattern an enum is named, and which patterns take whatever stands at such a place.

use syn::{Member, Pat};

use super::names::Names;

/// One step from a pattern to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The n-th of a tuple or slice.
    Nth(usize),
    /// The n-th field of the variant or struct of that name.
    Field(String, usize),
    /// The named field of the variant or struct of that name.
    Named(String, String),
}

/// Every place where a variant of an enum is named: the steps that lead there, and the enum.
pub fn positions(pat: &Pat, names: &Names) -> Vec<(Vec<Step>, &'static str)> {
    let mut found = Vec::new();
    walk(pat, names, &mut Vec::new(), &mut found);
    found
}

fn walk(pat: &Pat, names: &Names, at: &mut Vec<Step>, found: &mut Vec<(Vec<Step>, &'static str)>) {
    let mut within = |step: Step, pat: &Pat, found: &mut Vec<_>| {
        at.push(step);
        walk(pat, names, at, found);
        at.pop();
    };
    match pat {
        Pat::Ident(ident) => {
            let variant = names.variant_called(&ident.ident.to_string());
            found.extend(variant.map(|name| (at.clone(), name)));
            if let Some((_, pat)) = &ident.subpat {
                walk(pat, names, at, found);
            }
        }
        Pat::Or(or) => or.cases.iter().for_each(|pat| walk(pat, names, at, found)),
        Pat::Paren(paren) => walk(&paren.pat, names, at, found),
        Pat::Reference(reference) => walk(&reference.pat, names, at, found),
        Pat::Type(typed) => walk(&typed.pat, names, at, found),
        Pat::Path(path) => found.extend(names.variant_at(&path.path).map(|name| (at.clone(), name))),
        Pat::Tuple(tuple) => {
            for (n, pat) in tuple.elems.iter().enumerate() {
                within(Step::Nth(n), pat, found);
            }
        }
        Pat::Slice(slice) => {
            for (n, pat) in slice.elems.iter().enumerate() {
                within(Step::Nth(n), pat, found);
            }
        }
        Pat::TupleStruct(whole) => {
            let name = last(&whole.path);
            for (n, pat) in whole.elems.iter().enumerate() {
                within(Step::Field(name.clone(), n), pat, found);
            }
            found.extend(names.variant_at(&whole.path).map(|name| (at.clone(), name)));
        }
        Pat::Struct(whole) => {
            let name = last(&whole.path);
            for field in &whole.fields {
                within(Step::Named(name.clone(), member(&field.member)), &field.pat, found);
            }
            found.extend(names.variant_at(&whole.path).map(|name| (at.clone(), name)));
        }
        _ => {}
    }
}

/// Whether a pattern takes whatever stands at a position, without naming it.
pub fn catches(pat: &Pat, position: &[Step]) -> bool {
    match pat {
        Pat::Wild(_) | Pat::Rest(_) => true,
        Pat::Ident(ident) => match &ident.subpat {
            Some((_, pat)) => catches(pat, position),
            // A name with a capital is a constant or a variant.
            None => !ident.ident.to_string().starts_with(char::is_uppercase),
        },
        Pat::Or(or) => or.cases.iter().any(|pat| catches(pat, position)),
        Pat::Paren(paren) => catches(&paren.pat, position),
        Pat::Reference(reference) => catches(&reference.pat, position),
        Pat::Type(typed) => catches(&typed.pat, position),
        Pat::Tuple(tuple) => match position {
            [Step::Nth(n), rest @ ..] => nth(tuple.elems.iter(), *n, rest),
            _ => false,
        },
        Pat::Slice(slice) => match position {
            [Step::Nth(n), rest @ ..] => nth(slice.elems.iter(), *n, rest),
            _ => false,
        },
        Pat::TupleStruct(whole) => match position {
            [Step::Field(name, n), rest @ ..] if *name == last(&whole.path) => {
                nth(whole.elems.iter(), *n, rest)
            }
            _ => false,
        },
        Pat::Struct(whole) => match position {
            [Step::Named(name, field), rest @ ..] if *name == last(&whole.path) => {
                let field = whole.fields.iter().find(|pat| member(&pat.member) == *field);
                // A field that is not named is one of the `..`.
                field.is_none_or(|field| catches(&field.pat, rest))
            }
            _ => false,
        },
        _ => false,
    }
}

/// The n-th of some patterns, of which one may stand for many.
fn nth<'a>(pats: impl Iterator<Item = &'a Pat>, n: usize, rest: &[Step]) -> bool {
    for (index, pat) in pats.enumerate() {
        if matches!(pat, Pat::Rest(_)) {
            return true;
        }
        if index == n {
            return catches(pat, rest);
        }
    }
    false
}

fn last(path: &syn::Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

fn member(member: &Member) -> String {
    match member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}
