//! A second copy that is damaged itself: a mirror that a centre is to come back from, a backup that is to be restored.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::super::chance::Chance;
use super::past::Past;
use super::place::{Place, copy_folder, files};
use super::stroke::{Stroke, same_in};
use super::verdict::{Noticed, Verdict};
use super::{Round, is_journal, name};
use crate::node::ortoo;

/// Rows of the way back.
const OWN: [&str; 3] = ["\"journal_opened\"", "\"loss_found\"", "\"words_erased\""];

/// Damages a mirror or a backup and comes back from it.
pub fn round(past: &Past, folder: &Path, chance: &mut Chance) -> Result<Round> {
    let (task, from, before, truth) = match &past.backup {
        Some(backup) if chance.one_in(2) => ("restore", backup.clone(), None, &past.backed_up),
        _ => {
            let mirror = past.killed.place.mirror.clone();
            ("recover", mirror, Some(&past.older.mirror), &past.killed.truth.rows)
        }
    };
    let (copy, data) = (folder.join("copy"), folder.join("data"));
    copy_folder(&from, &copy)?;
    fs::create_dir_all(&data)?;
    if task == "recover" && chance.one_in(2) {
        // The journal alone was lost: what witnesses it is there still.
        copy_folder(&past.killed.place.data, &data)?;
        for path in files(&data)?.into_iter().filter(|path| is_journal(path)) {
            fs::remove_file(path)?;
        }
    }
    let among = files(&copy)?;
    let path = &among[usize::try_from(chance.below(among.len() as u64))?];
    let older = before.map_or_else(|| folder.join("none"), |before| same_in(path, &copy, before));
    let stroke = Stroke::choose(chance, path, &older)?;
    stroke.strike(path, &older)?;
    let (data, copy) = (data.to_string_lossy().into_owned(), copy.to_string_lossy().into_owned());
    let back = ortoo(&[task, "--data-dir", &data, &copy])?;
    let said = [back.stdout, back.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let mut findings = Vec::new();
    let noticed = if back.status.success() {
        let place = Place::of(data.into(), copy.into(), None);
        let rows = place.rows()?;
        let complaint = place.complaint()?;
        let lost = rows.iter().any(|row| row.contains("\"words_erased\"") && row.contains("\"lost\""));
        if lost && !said.contains("left out") {
            findings.push(format!("silent: a text was left out: {said}"));
        }
        if rows.starts_with(truth) && complaint.is_none() && !lost {
            Noticed::Nothing
        } else {
            // Rows of the way back come last.
            let came = rows.iter().zip(truth).take_while(|(ours, was)| ours == was).count();
            let is_own = |row: &String| OWN.iter().any(|name| row.contains(name));
            // What came back is told by its count; whoever knows of more sees that it is missing. So is what was left out.
            let is_said = said.contains(&came.to_string());
            let is_named = complaint.as_ref().is_none_or(|complaint| {
                complaint.split_whitespace().next_back().is_some_and(|hash| said.contains(hash))
            });
            if !rows[came..].iter().all(is_own) || !is_said || !is_named {
                let complaint = complaint.unwrap_or_default();
                findings.push(format!("{} of {} rows came back: {said}{complaint}", rows.len(), truth.len()));
            }
            Noticed::ByVerify
        }
    } else {
        if said.contains("panicked") || said.trim().is_empty() {
            findings.push(format!("no clear word: {said}"));
        }
        Noticed::ByVerify
    };
    let done = format!("{task} from {} {stroke:?}", name(path));
    Ok(Round { what: task.to_owned(), done, verdict: Verdict { noticed, findings } })
}
