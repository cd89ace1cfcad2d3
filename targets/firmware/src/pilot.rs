//! How the robot decides: from what it senses, what it wants; from what it wants, its wheels.

use crate::world::{Senses, Wheels};

/// Milliseconds between two decisions.
pub const TICK_MS: i32 = 500;

const CORRIDOR_MM: i32 = 23_700;
const CRUISE_MM_S: i32 = 400;
const TURN_MM_S: i32 = 60;
const MIDDLE_MM: i32 = 1000;
const LOW_BATTERY_MV: i32 = 11_200;
const NEAR_MM: i32 = 700;
const AT_DOCK_MM: i32 = 350;
/// How far the robot's count of its way may be wrong.
const DRIFT_MM: i32 = 1500;
/// Half a turn at [`TURN_MM_S`], in ticks: the robot has no gyroscope and counts.
const TURN_TICKS: u32 = 16;

/// What the robot wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// To drive on, towards the door.
    Cruise,
    /// To let somebody pass.
    WaitForPerson,
    /// To turn, at the door.
    TurnBack,
    /// To turn before the door, while there is power for the way home.
    SavePower,
    /// To drive home.
    ReturnToDock,
    /// To stop, at home.
    Dock,
}

impl Intent {
    /// Its name, and how sure the robot is of it.
    #[must_use]
    pub const fn told(self) -> (&'static str, f64) {
        match self {
            Self::Cruise => ("cruise", 0.98),
            Self::WaitForPerson => ("wait_for_person", 0.62),
            Self::TurnBack => ("turn_back", 0.94),
            Self::SavePower => ("save_power", 0.99),
            Self::ReturnToDock => ("return_to_dock", 0.97),
            Self::Dock => ("dock", 0.99),
        }
    }
}

/// What the robot knows of its way.
#[derive(Clone, Debug)]
pub struct Pilot {
    intent: Intent,
    travelled_mm: i32,
    turned_ticks: u32,
    left_mm: Option<i32>,
}

impl Pilot {
    /// At the dock.
    #[must_use]
    pub const fn new() -> Self {
        Self { intent: Intent::Cruise, travelled_mm: 0, turned_ticks: 0, left_mm: None }
    }

    /// What to do now.
    pub fn decide(&mut self, senses: &Senses) -> Intent {
        let blocked = senses.distance_mm < NEAR_MM;
        let at_door = self.travelled_mm > CORRIDOR_MM - DRIFT_MM;
        self.intent = match self.intent {
            Intent::Cruise | Intent::WaitForPerson => match (blocked, at_door) {
                _ if senses.battery_mv < LOW_BATTERY_MV => Intent::SavePower,
                (true, true) => Intent::TurnBack,
                (true, false) => Intent::WaitForPerson,
                (false, _) => Intent::Cruise,
            },
            Intent::TurnBack | Intent::SavePower if self.turned_ticks == TURN_TICKS => Intent::ReturnToDock,
            Intent::ReturnToDock if senses.distance_mm < AT_DOCK_MM => Intent::Dock,
            same => same,
        };
        self.intent
    }

    /// What the wheels do about it.
    pub fn drive(&mut self, senses: &Senses) -> Wheels {
        let turning = matches!(self.intent, Intent::TurnBack | Intent::SavePower);
        let now = (!turning).then_some(senses.left_mm);
        let last_left_mm = core::mem::replace(&mut self.left_mm, now).unwrap_or(senses.left_mm);
        match self.intent {
            Intent::Cruise | Intent::ReturnToDock => self.keep_to_the_middle(senses.left_mm, last_left_mm),
            Intent::TurnBack | Intent::SavePower => self.turn(),
            Intent::WaitForPerson | Intent::Dock => Wheels::default(),
        }
    }

    const fn turn(&mut self) -> Wheels {
        self.turned_ticks += 1;
        Wheels { left_mm_s: -TURN_MM_S, right_mm_s: TURN_MM_S }
    }

    /// Steers by the wall on the left: by its distance, and by how fast that changes.
    fn keep_to_the_middle(&mut self, left_mm: i32, last_left_mm: i32) -> Wheels {
        self.travelled_mm += CRUISE_MM_S * TICK_MS / 1000;
        let off = (left_mm - MIDDLE_MM) / 16 + (left_mm - last_left_mm) / 3;
        let steer = off.clamp(-40, 40) / 4 * 4;
        Wheels { left_mm_s: CRUISE_MM_S - steer, right_mm_s: CRUISE_MM_S + steer }
    }
}

impl Default for Pilot {
    fn default() -> Self {
        Self::new()
    }
}
