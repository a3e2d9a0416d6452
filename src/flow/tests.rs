//! What the flows do, on a world in memory.

mod advising;
mod announcing;
mod archiving;
mod asking;
mod cleaning;
mod deploying;
mod leaving;
mod losses;
mod many;
mod recording;
mod rehearsing;
mod rolling_back;
mod simulation;
mod staging;
mod switching;
mod taking_over;
mod ticketing;
mod verifying;
mod vouching;
mod walking;
