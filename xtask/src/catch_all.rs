//! No catch-all over what happens, what is asked, what is shown and what runs out: whoever adds a variant of these
//! enums has to be asked by the compiler at every place that tells them apart. So product code matches them whole:
//! without `_`, without a binding that takes the rest, and without `if let`, `let … else`, `while let` or `matches!`,
//! which pass over what they do not name. What lies in a variant's fields may be passed over.
//!
//! Read is the syntax, not the types: an enum is recognised by the paths that name it, by what `use` and `type` call
//! it, and by `Self` in its `impl`.

mod names;
mod pattern;

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Pat, Token};

use self::names::Names;
use crate::product;
use crate::tree::{File, Tree};

/// Enums that are matched whole.
const ENUMS: &[&str] = &["Event", "Command", "View", "TimerKey"];

/// Where they are defined: the crate as others name it, and its sources.
const HOME: (&str, &str) = ("dispatch_core", "dispatch/core/src/");

/// What may match them as it likes, by the beginning of its path, and why.
const EXEMPT: &[(&str, &str)] =
    &[("dispatch/sim/src/trial/", "the auditor belongs to the proof: it picks what it judges")];

/// Macros that take a value and a pattern.
const MATCHERS: &[&str] = &["matches", "assert_matches", "debug_assert_matches"];

/// Faults, one sentence each.
pub fn faults(tree: &Tree) -> Vec<String> {
    let elsewhere = names::defined_elsewhere(tree);
    let mut faults = Vec::new();
    for file in product::files(tree) {
        if !EXEMPT.iter().any(|(path, _)| file.path.starts_with(path)) {
            check(file, &elsewhere, &mut faults);
        }
    }
    faults
}

fn check(file: &File, elsewhere: &names::Elsewhere, faults: &mut Vec<String>) {
    let Some(syntax) = file.syntax() else { return };
    let names = Names::of(&file.path, syntax, elsewhere);
    let mut found: BTreeSet<(usize, String)> = names.globs().collect();
    let mut walker = Walker { names, found: BTreeSet::new() };
    walker.visit_file(syntax);
    found.append(&mut walker.found);
    faults.extend(found.into_iter().map(|(line, what)| format!("{}:{line}: {what}", file.path)));
}

struct Walker {
    names: Names,
    found: BTreeSet<(usize, String)>,
}

impl Walker {
    fn fault(&mut self, span: Span, what: String) {
        self.found.insert((span.start().line, what));
    }

    /// The enums a pattern names.
    fn named(&self, pat: &Pat) -> BTreeSet<&'static str> {
        pattern::positions(pat, &self.names).into_iter().map(|(_, name)| name).collect()
    }

    /// A pattern that may fail without anybody being asked.
    fn refutable(&mut self, pat: &Pat, form: &str) {
        for name in self.named(pat) {
            self.fault(pat.span(), format!("`{form}` passes over every other `{name}`: match them whole"));
        }
    }

    /// `matches!(value, pattern if guard)`.
    fn matcher(&mut self, mac: &syn::Macro, form: &str) -> syn::Result<()> {
        let parse = |input: ParseStream<'_>| {
            let value: Expr = input.parse()?;
            input.parse::<Token![,]>()?;
            let pat = Pat::parse_multi_with_leading_vert(input)?;
            let guard: Option<Expr> = if input.peek(Token![if]) {
                input.parse::<Token![if]>()?;
                Some(input.parse()?)
            } else {
                None
            };
            // What an assertion says when it fails.
            input.parse::<Option<Token![,]>>()?;
            input.parse::<TokenStream>()?;
            Ok((value, pat, guard))
        };
        let (value, pat, guard) = parse.parse2(mac.tokens.clone())?;
        self.refutable(&pat, &format!("{form}!"));
        self.visit_expr(&value);
        if let Some(guard) = guard {
            self.visit_expr(&guard);
        }
        Ok(())
    }

    /// Code in a macro: expressions with commas, or statements, or what of it lies in brackets of any kind.
    fn tokens(&mut self, tokens: TokenStream) {
        if let Ok(list) = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens.clone()) {
            for expr in &list {
                self.visit_expr(expr);
            }
        } else if let Ok(statements) = Block::parse_within.parse2(tokens.clone()) {
            for statement in &statements {
                self.visit_stmt(statement);
            }
        } else {
            for token in tokens {
                if let TokenTree::Group(group) = token {
                    self.tokens(group.stream());
                }
            }
        }
    }
}

impl<'ast> Visit<'ast> for Walker {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !product::is_test(product::attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !product::is_test(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let outer = self.names.enter(&item.self_ty);
        visit::visit_item_impl(self, item);
        self.names.leave(outer);
    }

    fn visit_expr_match(&mut self, expr: &'ast syn::ExprMatch) {
        let positions: Vec<_> =
            expr.arms.iter().flat_map(|arm| pattern::positions(&arm.pat, &self.names)).collect();
        for arm in &expr.arms {
            for (position, name) in &positions {
                if pattern::catches(&arm.pat, position) {
                    self.fault(arm.pat.span(), format!("this arm takes every other `{name}`: name them"));
                }
            }
        }
        visit::visit_expr_match(self, expr);
    }

    fn visit_expr_let(&mut self, expr: &'ast syn::ExprLet) {
        self.refutable(&expr.pat, "if let");
        visit::visit_expr_let(self, expr);
    }

    fn visit_expr_while(&mut self, expr: &'ast syn::ExprWhile) {
        if let Expr::Let(condition) = expr.cond.as_ref() {
            self.refutable(&condition.pat, "while let");
            self.visit_expr(&condition.expr);
            self.visit_block(&expr.body);
        } else {
            visit::visit_expr_while(self, expr);
        }
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if local.init.as_ref().is_some_and(|init| init.diverge.is_some()) {
            self.refutable(&local.pat, "let … else");
        }
        visit::visit_local(self, local);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let form = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if !MATCHERS.contains(&form.as_str()) || self.matcher(mac, &form).is_err() {
            self.tokens(mac.tokens.clone());
        }
    }
}

#[cfg(test)]
mod tests;
