//! One unit of systemd that runs from a release folder.

use std::os::unix::fs::PermissionsExt as _;

use super::{Unit, done, machine_is_ours, place, taken, walk_in_place};

/// A release that runs until it is told to end, and one that ends at once.
const STEADY: &str = "#!/bin/sh\nexec sleep 3600\n";
const SICK: &str = "#!/bin/sh\nexit 3\n";

/// Puts a release where the team's build puts it.
fn release(version: &str, program: &str) {
    let folder = format!("/srv/shop/releases/{version}");
    std::fs::create_dir_all(&folder).unwrap();
    let file = format!("{folder}/shop");
    std::fs::write(&file, program).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn property(name: &str) -> String {
    let property = format!("--property={name}");
    done("systemctl", &["show", &property, "--value", "shop"])
}

/// Makes sure that the unit's process is of this version.
fn runs(version: &str) {
    assert_eq!(property("ActiveState"), "active");
    let process = format!("/proc/{}", property("MainPID"));
    let folder = std::fs::read_link(format!("{process}/cwd")).unwrap();
    assert_eq!(folder.display().to_string(), format!("/srv/shop/releases/{version}"));
    let environ = std::fs::read_to_string(format!("{process}/environ")).unwrap();
    let told = format!("LASTGOOD_VERSION={version}");
    assert!(environ.split('\0').any(|line| line == told), "{environ}");
}

#[test]
fn the_example_of_systemd_is_walked_as_its_page_tells() {
    if !machine_is_ours() {
        return;
    }
    let world = taken("systemd");
    std::fs::copy(place("systemd/shop.service"), "/etc/systemd/system/shop.service").unwrap();
    done("systemctl", &["daemon-reload"]);
    for (version, program) in [("1.0", STEADY), ("1.1", STEADY), ("1.2", SICK)] {
        release(version, program);
    }
    // lastgood starts it; it is stopped with the story.
    let _shop = Unit("shop");
    walk_in_place(&world.at("ci"), runs);
}
