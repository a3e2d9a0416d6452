//! What happens, one file a verb.

mod advice;
pub mod aftermath;
mod alive;
pub mod announce;
pub mod begin;
pub mod cancel;
pub mod clean;
pub mod comment;
pub mod commit;
mod confirm;
mod decide;
pub mod deploy;
pub mod desk;
mod drive;
pub mod dry;
mod empty;
pub mod execute;
mod glance;
pub mod halt;
mod hold;
mod home;
mod leftover;
pub mod look;
pub mod mark;
mod moved;
pub mod observe;
mod opening;
pub mod order;
pub mod outbox;
pub mod proof;
pub mod prune;
pub mod read;
pub mod record;
pub mod rehearse;
pub mod request;
pub mod resume;
pub mod rollback;
mod seen;
pub mod settle;
mod shift;
pub mod slots;
pub mod stay;
mod stock;
pub mod switch;
pub mod ticket;
pub mod told;
mod undo;
pub mod verify;
mod vouch;

#[cfg(test)]
mod fakes;
#[cfg(test)]
mod tests;
