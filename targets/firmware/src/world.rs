//! The simulated world: a corridor, a robot with two driven wheels, somebody who steps in its way.
//!
//! Whole numbers only, and noise from a seed: every run is the same. Headings off the corridor's
//! axis stay small, so sine and cosine are their first terms.

/// Milliseconds of one step.
pub const STEP_MS: i32 = 100;

const LENGTH_UM: i32 = 24_000_000;
const HALF_WIDTH_UM: i32 = 1_000_000;
const TRACK_MM: i32 = 300;
const HALF_TURN_URAD: i32 = 3_141_593;
/// Where somebody stands, and from when to when.
const PERSON_UM: i32 = 10_000_000;
const PERSON_MS: core::ops::Range<u32> = 18_000..31_000;
/// Where the floor is wet.
const WET_UM: core::ops::Range<i32> = 16_000_000..16_400_000;

/// The speeds of the wheels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wheels {
    /// Millimetres a second.
    pub left_mm_s: i32,
    /// Millimetres a second.
    pub right_mm_s: i32,
}

/// What the robot's sensors say.
#[derive(Clone, Copy, Debug)]
pub struct Senses {
    /// To whatever is ahead.
    pub distance_mm: i32,
    /// To the wall on the left.
    pub left_mm: i32,
    /// Voltage of the battery.
    pub battery_mv: i32,
}

/// Which way the robot faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Facing {
    Door,
    Dock,
}

/// The corridor and everything in it.
#[derive(Clone, Debug)]
pub struct World {
    time_ms: u32,
    along_um: i32,
    /// From the middle towards the wall on the left of where the robot faces.
    across_um: i32,
    heading_urad: i32,
    facing: Facing,
    battery_uv: i32,
    noise: Noise,
}

impl World {
    /// A robot at its dock.
    #[must_use]
    pub const fn new(seed: u32, battery_mv: i32) -> Self {
        Self {
            time_ms: 0,
            along_um: 300_000,
            across_um: 120_000,
            heading_urad: 0,
            facing: Facing::Door,
            battery_uv: battery_mv * 1000,
            noise: Noise(seed),
        }
    }

    /// Milliseconds since the robot left.
    #[must_use]
    pub const fn time_ms(&self) -> u32 {
        self.time_ms
    }

    /// Lets the wheels turn for one step.
    pub fn step(&mut self, wheels: Wheels) {
        let left = wheels.left_mm_s * (1000 + self.noise.within(10)) / 1000;
        let right = wheels.right_mm_s * (1000 + self.noise.within(10)) / 1000;
        let slipped = if WET_UM.contains(&self.along_um) { left / 10 } else { 0 };
        self.heading_urad += (right - left + slipped) * STEP_MS * 1000 / TRACK_MM;
        let travelled_um = i32::midpoint(left, right) * STEP_MS;
        self.along_um += if self.facing == Facing::Door { travelled_um } else { -travelled_um };
        self.across_um += travelled_um * (self.heading_urad / 1000) / 1000;
        self.battery_uv -= STEP_MS * (2 + (left.abs() + right.abs()) / 100);
        self.time_ms += STEP_MS as u32;
        self.face();
    }

    /// Reads the sensors.
    pub fn sense(&mut self) -> Senses {
        Senses {
            distance_mm: self.reading(self.ahead_um()),
            left_mm: self.reading(HALF_WIDTH_UM - self.across_um),
            battery_mv: self.battery_uv / 1000,
        }
    }

    fn ahead_um(&self) -> i32 {
        let person = PERSON_MS.contains(&self.time_ms) && self.along_um < PERSON_UM;
        match self.facing {
            Facing::Dock => self.along_um,
            Facing::Door if person => PERSON_UM - self.along_um,
            Facing::Door => LENGTH_UM - self.along_um,
        }
    }

    fn reading(&mut self, um: i32) -> i32 {
        um / 1000 + self.noise.within(4)
    }

    /// Half a turn is the other way round, with the other wall on the left.
    fn face(&mut self) {
        if self.heading_urad.abs() > HALF_TURN_URAD / 2 {
            self.heading_urad -= self.heading_urad.signum() * HALF_TURN_URAD;
            self.across_um = -self.across_um;
            self.facing = if self.facing == Facing::Door { Facing::Dock } else { Facing::Door };
        }
    }
}

/// Noise from a seed (xorshift32).
#[derive(Clone, Debug)]
struct Noise(u32);

impl Noise {
    /// A number from `-most` to `most`.
    fn within(&mut self, most: i32) -> i32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 % (2 * most as u32 + 1)) as i32 - most
    }
}
