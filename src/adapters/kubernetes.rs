//! Kubernetes as `kubectl` shows it, for all who ask or change it.

mod answer;
mod kubectl;
mod place;
mod pods;
mod resource;

pub use answer::{Answer, Container, Template, read};
pub use kubectl::{Change, Form, Kubectl};
pub use place::Place;
pub(crate) use place::with_place;
pub use pods::{Pods, read as read_pods};
pub use resource::{Name, Namespace, Resource};
