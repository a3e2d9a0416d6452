//! `lastgood.yml`: as written, as meant, and how a mistake is explained.

use std::path::{Path, PathBuf};

mod confidential;
mod explain;
mod fit;
mod interpolate;
mod later;
mod load;
mod meant;
mod misfit;
mod mistake;
mod near;
mod node;
mod place;
mod reference;
mod schema;
mod show;
mod slots;
mod typed;
mod veil;
mod written;
mod yaml;

pub use interpolate::Lookup;
pub use load::{load, load_checks};
pub use meant::{
    CheckConfig, Config, DriverSettings, EnvironmentConfig, RouterConfig, RouterSettings,
    ServiceConfig, StageChecks,
};
pub use mistake::{Mistake, Mistakes, mistakes};
pub use reference::reference;
pub use schema::schema;
pub use show::show;

/// Where a configuration lies when nobody says, in this order.
pub const PLACES: [&str; 3] = ["lastgood.yml", ".lastgood.yml", ".github/lastgood.yml"];

/// Returns the configuration of a folder, else of the nearest one above it, up to `top`.
pub fn find(folder: &Path, top: Option<&Path>) -> Option<PathBuf> {
    // What bears the name and is no file is a mistake to be told, and not the lack of a configuration.
    let is_there = |path: &PathBuf| path.symlink_metadata().is_ok();
    let of = |folder: &Path| PLACES.iter().map(|place| folder.join(place)).find(is_there);
    let above = || {
        let (folder, top) = (folder.canonicalize().ok()?, top?.canonicalize().ok()?);
        folder.ancestors().take_while(|folder| folder.starts_with(&top)).find_map(of)
    };
    of(folder).or_else(above)
}

#[cfg(test)]
mod tests;
