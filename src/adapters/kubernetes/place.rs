//! Where in which cluster something is.

use std::path::{Path, PathBuf};

use super::resource::Namespace;
use crate::domain::text;
use crate::error::{Error, Result};

/// The longest foreign word in a message, in characters.
const WORD: usize = 100;

/// Where something is; what it does not say, the kubeconfig says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The namespace.
    pub namespace: Option<Namespace>,
    /// The context of the kubeconfig.
    pub context: Option<String>,
    /// The kubeconfig.
    pub kubeconfig: Option<PathBuf>,
}

/// Adds the keys of [`Place`] to settings; `flatten` of serde would lose the lines of mistakes.
macro_rules! with_place {
    ($(#[$about:meta])* pub struct $name:ident { $($keys:tt)* }) => {
        $(#[$about])*
        pub struct $name {
            $($keys)*
            /// The namespace; that of the context unless given.
            #[serde(default)]
            pub namespace: Option<$crate::adapters::kubernetes::Namespace>,
            /// The context of the kubeconfig; its current one unless given.
            #[serde(default)]
            #[schemars(length(min = 1))]
            pub context: Option<String>,
            /// The kubeconfig, relative to the configuration's folder; `kubectl` finds its own unless given.
            #[serde(default)]
            pub kubeconfig: Option<std::path::PathBuf>,
        }

        impl $name {
            /// Returns where it is.
            pub fn place(&self) -> $crate::adapters::kubernetes::Place {
                $crate::adapters::kubernetes::Place {
                    namespace: self.namespace.clone(),
                    context: self.context.clone(),
                    kubeconfig: self.kubeconfig.clone(),
                }
            }
        }
    };
}

pub(crate) use with_place;

impl Place {
    /// Returns the flags of `kubectl`; each is one word with its value, which can so be no other flag.
    pub fn flags(&self) -> Vec<String> {
        let namespace = self.namespace.as_ref().map(|name| format!("--namespace={name}"));
        let context = self.context.as_ref().map(|name| format!("--context={name}"));
        let file = self.kubeconfig.as_ref();
        let kubeconfig = file.map(|file| format!("--kubeconfig={}", file.display()));
        [namespace, context, kubeconfig].into_iter().flatten().collect()
    }

    /// Refuses a kubeconfig that is not there, looked for from the configuration's folder.
    pub fn is_there(&self, folder: &Path) -> Result<()> {
        let Some(file) = &self.kubeconfig else { return Ok(()) };
        if folder.join(file).is_file() {
            return Ok(());
        }
        let file = text::clean(&file.display().to_string(), WORD);
        Err(Error::invalid(format!("there is no kubeconfig `{file}`"))
            .hint("it is looked for from the configuration's folder"))
    }
}
