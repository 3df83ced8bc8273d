//! The `callbox` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    callbox::cli::run()
}
