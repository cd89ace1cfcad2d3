//! From many runs to a few figures, with how far they can be trusted.

use anyhow::Result;
use serde_json::json;

use crate::agent::Work;
use crate::run::{Kind, Measured};

/// What the founding documents promise: percent of latency and of memory.
const PROMISED: [f64; 2] = [2.0, 5.0];

/// Steps that the difference is held against, in milliseconds of the agent's own time.
const STEPS_MS: [f64; 4] = [1.0, 10.0, 100.0, 1_000.0];

/// What the runs came to, by kind, in the order of the turns.
#[derive(Debug)]
pub(crate) struct Figures {
    work: Work,
    runs: [Vec<Figure>; 3],
}

/// What one run came to, in seconds and bytes; where the system says.
#[derive(Clone, Copy, Debug)]
struct Figure {
    p50: f64,
    p99: f64,
    mean: f64,
    around: f64,
    processor: Option<f64>,
    peak: Option<f64>,
    resident: Option<f64>,
}

/// Something that is compared.
#[derive(Clone, Copy)]
struct Measure {
    name: &'static str,
    figure: fn(&Figure) -> Option<f64>,
    spell: fn(f64) -> String,
    promised: f64,
}

const MEAN: Measure = time("step, mean", |run| Some(run.mean));

const MEASURES: [Measure; 6] = [
    time("step, p50", |run| Some(run.p50)),
    time("step, p99", |run| Some(run.p99)),
    MEAN,
    time("processor, all threads", |run| run.processor),
    memory("memory, peak", |run| run.peak),
    memory("memory, after the steps", |run| run.resident),
];

const fn time(name: &'static str, figure: fn(&Figure) -> Option<f64>) -> Measure {
    Measure { name, figure, spell: micros, promised: PROMISED[0] }
}

const fn memory(name: &'static str, figure: fn(&Figure) -> Option<f64>) -> Measure {
    Measure { name, figure, spell: mebis, promised: PROMISED[1] }
}

/// A difference: the median of all turns, and the range in which the true one lies.
#[derive(Clone, Copy, Debug)]
struct Difference {
    median: f64,
    from: f64,
    to: f64,
}

impl Figures {
    pub(crate) fn of(work: &Work) -> Self {
        Self { work: *work, runs: Default::default() }
    }

    pub(crate) fn take(&mut self, kind: Kind, mut measured: Measured) {
        measured.steps.sort_unstable();
        let at =
            |share: f64| measured.steps[((measured.steps.len() - 1) as f64 * share) as usize] as f64 / 1e9;
        let sum: u64 = measured.steps.iter().sum();
        self.runs[kind as usize].push(Figure {
            p50: at(0.5),
            p99: at(0.99),
            mean: sum as f64 / 1e9 / measured.steps.len() as f64,
            around: measured.around as f64 / 1e9,
            processor: measured.processor.map(|nanos| nanos as f64 / 1e9 / measured.steps.len() as f64),
            peak: measured.peak.map(|bytes| bytes as f64),
            resident: measured.resident.map(|bytes| bytes as f64),
        });
    }

    pub(crate) fn print(&self) -> Result<()> {
        let Work { documents, model_ms, steps, .. } = self.work;
        let turns = self.runs[0].len();
        println!(
            "{turns} turns of {steps} steps, five events each; {documents} documents, {model_ms} ms of model"
        );
        println!("Each difference: median over the turns, and its 95 % range.\n\nthe bare agent:");
        for measure in &MEASURES {
            let bare =
                self.bare(measure).map_or_else(|| "this system does not say".to_owned(), measure.spell);
            println!("  {:<24} {bare}", measure.name);
        }
        for kind in [Kind::Recorded, Kind::Governed] {
            println!("\n{}, more than that:", kind.name());
            MEASURES.iter().for_each(|measure| self.print_measure(kind, measure));
            self.print_around(kind);
        }
        Ok(())
    }

    fn print_measure(&self, kind: Kind, measure: &Measure) {
        let Measure { name, spell, promised, .. } = measure;
        if let (Some(bare), Some(difference)) = (self.bare(measure), self.difference(kind, measure)) {
            println!("  {name:<24} {}  {}", difference.spelled(*spell), verdict(difference, bare, *promised));
            let needed = spell(difference.to.max(0.0) * (100.0 / promised));
            println!("  {:<24} (less than {promised} % for an agent that takes {needed} itself)", "");
        }
    }

    /// What is paid once, and what the mean difference is of other steps.
    fn print_around(&self, kind: Kind) {
        let around = Measure { figure: |run| Some(run.around), ..MEAN };
        if let Some(around) = self.difference(kind, &around) {
            println!("  {:<24} {}", "opening and ending", around.spelled(millis));
        }
        if let Some(mean) = self.difference(kind, &MEAN) {
            println!("  the mean difference, held against other steps (computed, not measured):");
            for step in STEPS_MS {
                println!("    {step:>6} ms  {}", verdict(mean, step / 1e3, PROMISED[0]));
            }
        }
    }

    pub(crate) fn print_json(&self) -> Result<()> {
        let measure = |kind: Kind, measure: &Measure| {
            let (bare, difference) = (self.bare(measure)?, self.difference(kind, measure)?);
            Some((measure.name.to_owned(), difference.json(bare)))
        };
        let kind = |kind: Kind| {
            let all = MEASURES.iter().filter_map(|one| measure(kind, one));
            (kind.name().to_owned(), serde_json::Value::Object(all.collect()))
        };
        let kinds: serde_json::Map<_, _> = [Kind::Recorded, Kind::Governed].map(kind).into_iter().collect();
        println!("{}", json!({ "turns": self.runs[0].len(), "steps": self.work.steps, "kinds": kinds }));
        Ok(())
    }

    /// What the bare agent takes.
    fn bare(&self, measure: &Measure) -> Option<f64> {
        self.runs[Kind::Bare as usize].iter().map(measure.figure).collect::<Option<Vec<_>>>().map(median)
    }

    fn difference(&self, kind: Kind, measure: &Measure) -> Option<Difference> {
        let pairs = self.runs[Kind::Bare as usize].iter().zip(&self.runs[kind as usize]);
        let differences = pairs.map(|(bare, run)| Some((measure.figure)(run)? - (measure.figure)(bare)?));
        differences.collect::<Option<Vec<_>>>().map(Difference::of)
    }
}

impl Difference {
    fn of(mut all: Vec<f64>) -> Self {
        all.sort_unstable_by(f64::total_cmp);
        let (low, high) = range(all.len());
        Self { median: median(all.clone()), from: all[low], to: all[high] }
    }

    fn spelled(self, spell: fn(f64) -> String) -> String {
        format!("{} ({} to {})", spell(self.median), spell(self.from), spell(self.to))
    }

    fn json(self, bare: f64) -> serde_json::Value {
        json!({ "bare": bare, "median": self.median, "from": self.from, "to": self.to })
    }
}

/// How a difference stands against a promise: kept, broken, or not to be told from these runs.
fn verdict(difference: Difference, bare: f64, promised: f64) -> String {
    let [percent, from, to] =
        [difference.median, difference.from, difference.to].map(|part| part / bare * 100.0);
    let kept = match (from < promised, to < promised) {
        (_, true) => "✓",
        (true, false) => "cannot be told",
        (false, false) => "✗",
    };
    format!("{percent:.2} % ({from:.2} to {to:.2}), promised < {promised} %: {kept}")
}

/// The places of the order statistics that hold the median of what `count` values were drawn from
/// with 95 % certainty: half the chance of each side is that so few values lie there.
fn range(count: usize) -> (usize, usize) {
    let (mut chance, mut below, mut low) = (0.5_f64.powi(count as i32), 0.0, 0);
    while low < count / 2 {
        below += chance;
        if below > 0.025 {
            break;
        }
        chance *= (count - low) as f64 / (low + 1) as f64;
        low += 1;
    }
    let low = low.saturating_sub(1);
    (low, count - 1 - low)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_unstable_by(f64::total_cmp);
    f64::midpoint(all[(all.len() - 1) / 2], all[all.len() / 2])
}

fn millis(seconds: f64) -> String {
    format!("{:.3} ms", seconds * 1e3)
}

fn micros(seconds: f64) -> String {
    format!("{:.1} µs", seconds * 1e6)
}

fn mebis(bytes: f64) -> String {
    format!("{:.1} MiB", bytes / f64::from(1 << 20))
}
