//! One service of Docker Compose, which is replaced by its image.

use std::path::PathBuf;
use std::process::Command;

use super::{taken, told, walk_in_place};
use crate::world::{At, Part, World};

/// Returns where `docker` finds its Compose.
fn plugins() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".docker"));
    std::env::var_os("DOCKER_CONFIG").map(PathBuf::from).or_else(home).unwrap()
}

/// The shop of the example, and the daemon that runs it.
struct Shop {
    world: World,
    daemon: Part,
}

impl Shop {
    fn at_home(&self) -> At<'_> {
        let plugins = plugins().display().to_string();
        self.world.at("ci").env("DOCKER_HOST", self.daemon.told()).env("DOCKER_CONFIG", &plugins)
    }

    fn docker(&self, args: &str) -> String {
        let mut docker = Command::new("docker");
        docker.args(shell_words::split(args).unwrap()).current_dir(self.world.path("ci"));
        told(docker.env("DOCKER_HOST", self.daemon.told()))
    }

    /// Makes sure that there is one container, and that it runs this version.
    fn runs(&self, version: &str) {
        let format = r#"{{.Names}} {{.Image}} {{.State}} {{.Label "lastgood.version"}}"#;
        let all = self.docker(&format!("ps --all --format '{format}'"));
        assert_eq!(all, format!("shop-web-1 shop:{version} running {version}"));
    }
}

#[test]
fn the_example_of_compose_is_walked_as_its_page_tells() {
    let Some(daemon) = Part::start("tools/docker-testbed", &["compose"], "Docker with Compose")
    else {
        return;
    };
    let shop = Shop { world: taken("compose"), daemon };
    // As its first line says.
    shop.docker("compose up --detach --wait");
    walk_in_place(&shop.at_home(), |version| shop.runs(version));
}
