//! A package as the bytes the journal keeps: every file's name and content, each preceded by its length (u32 little
//! endian), in order of name, all of it one zstd frame.

use region::Files;

const LEVEL: i32 = 9;
/// A package is smaller than this; a frame that says otherwise is not one.
const BYTES_MAX: u64 = 512 * 1024 * 1024;

/// Packs the files.
pub(super) fn pack(files: &Files) -> Vec<u8> {
    let mut plain = Vec::new();
    for (name, content) in files {
        for part in [name.as_bytes(), content] {
            let length = u32::try_from(part.len()).expect("a package's files are bounded far below 4 GiB");
            plain.extend(length.to_le_bytes());
            plain.extend(part);
        }
    }
    zstd::encode_all(plain.as_slice(), LEVEL).expect("compressing in memory does not fail")
}

/// Unpacks them.
pub(super) fn unpack(bytes: &[u8]) -> Result<Files, String> {
    let decoder = zstd::Decoder::new(bytes).map_err(|error| error.to_string())?;
    let mut plain = Vec::new();
    let mut bounded = std::io::Read::take(decoder, BYTES_MAX);
    std::io::Read::read_to_end(&mut bounded, &mut plain).map_err(|error| error.to_string())?;
    let mut rest = plain.as_slice();
    let mut files = Files::new();
    while !rest.is_empty() {
        let name = part(&mut rest)?.to_vec();
        let name = String::from_utf8(name).map_err(|_| "a file name is not UTF-8".to_owned())?;
        files.insert(name, part(&mut rest)?.to_vec());
    }
    Ok(files)
}

fn part<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], String> {
    let short = || "it ends in the middle of a file".to_owned();
    let (length, after) = rest.split_first_chunk::<4>().ok_or_else(short)?;
    let length = u32::from_le_bytes(*length) as usize;
    let (part, after) = after.split_at_checked(length).ok_or_else(short)?;
    *rest = after;
    Ok(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_back_as_they_were() {
        let files = Files::from([("a.csv".into(), b"1,2".to_vec()), ("b".into(), vec![])]);
        assert_eq!(unpack(&pack(&files)).unwrap(), files);
        assert!(unpack(b"not zstd").is_err());
        let cut = zstd::encode_all(&[9u8, 0, 0, 0, 1][..], 1).unwrap();
        assert!(unpack(&cut).unwrap_err().contains("middle"));
    }
}
