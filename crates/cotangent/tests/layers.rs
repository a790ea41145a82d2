//! The picture and the code are one: a room imports only rooms before it, and no file outgrows its room.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of the library, in order.
const ROOMS: [&str; 11] =
    ["number", "core", "transform", "op", "convert", "eager", "optimise", "run", "api", "check", "view"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// The rooms that a source names as `crate::room`, comments and documentation left out (examples may use anything).
fn rooms_used(source: &str) -> Vec<&str> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap())
        .collect()
}

#[test]
fn a_room_imports_only_rooms_before_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut imports = 0;
    for path in sources(&src) {
        let inside = path.strip_prefix(&src).unwrap();
        let room = inside.components().next().unwrap().as_os_str().to_str().unwrap();
        let Some(own) = ROOMS.iter().position(|r| *r == room) else {
            assert_eq!(room, "lib.rs", "{} is in no room; add the room to the picture", path.display());
            continue;
        };
        for used in rooms_used(&fs::read_to_string(&path).unwrap()) {
            let Some(other) = ROOMS.iter().position(|r| *r == used) else {
                panic!("{}: `crate::{used}` is no room", path.display())
            };
            assert!(other <= own, "{}: {room} may not import {used}", path.display());
            imports += 1;
        }
    }
    assert!(imports > 10, "found {imports} imports: does this test still read the `use` lines?");
}

#[test]
fn no_file_is_longer_than_800_lines() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for path in sources(crates) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 800, "{} has {lines} lines: is it one room?", path.display());
    }
}
