//! What is said in the demo: the customer's lines, the offline model's, the shop's answers. All of
//! it is invented.

use activemirror::document::Event;

/// Whose data it is.
pub(crate) const CUSTOMER: &str = "mara.lindqvist";
/// The agent.
pub(super) const AGENT: &str = "support-bot";

/// One step of the conversation.
pub(super) enum Step {
    /// The customer writes.
    Customer(&'static str),
    /// The model considers.
    Thinks(&'static str),
    /// The model settles on something, with this intent and this confidence.
    Decides(&'static str, &'static str, f64),
    /// The model calls a tool.
    Calls(Tool),
    /// The model drafts a reply; where the persona does not accept it, the other one goes.
    Replies { draft: &'static str, second: &'static str },
}

/// A tool call of the model.
#[derive(Clone, Copy)]
pub(super) enum Tool {
    /// Reads an order.
    LookUp,
    /// Pays money back: it writes.
    Refund,
}

impl Tool {
    /// The call, as an event.
    pub(super) fn call(self) -> Event {
        match self {
            Self::LookUp => Event::action("lookup_order").with("/parameters/order_id", ORDER),
            Self::Refund => Event::action("issue_refund")
                .with("/parameters/order_id", ORDER)
                .with("/parameters/amount", AMOUNT)
                .with("/parameters/payment_method", CARD)
                .intent("refund", 0.93),
        }
    }

    /// What the shop answers.
    pub(super) fn answer(self) -> Event {
        let answer = Event::new(activemirror::Kind::Observation).from_tool();
        match self {
            Self::LookUp => answer
                .with("/data/order_id", ORDER)
                .with("/data/item", "kettle, 1.7 l")
                .with("/data/total", AMOUNT)
                .with("/data/payment_method", CARD)
                .with("/data/status", "delivered")
                .with("/data/customer/email", "mara.lindqvist@example.org"),
            Self::Refund => answer.with("/data/refund_id", "RF-7731").with("/data/status", "accepted"),
        }
    }
}

const ORDER: &str = "R-20418";
const AMOUNT: f64 = 59.9;
const CARD: &str = "card_4411";

/// The conversation.
pub(super) const STEPS: &[Step] = &[
    Step::Customer(
        "Hello, I'd like a refund for order R-20418, the kettle leaks. My e-mail is mara.lindqvist@example.org \
         and my date of birth is 14 March 1987, if you need that.",
    ),
    Step::Thinks("Look the order up before promising anything."),
    Step::Calls(Tool::LookUp),
    // The model is too eager here: nobody asked the customer.
    Step::Calls(Tool::Refund),
    Step::Decides("Ask the customer to confirm the refund and its terms.", "refund", 0.96),
    Step::Replies {
        draft: "I found order R-20418. I would refund 59.90 to the card you paid with, card_4411. Shall I go ahead \
                with this refund?",
        second: "May I refund order R-20418, 59.90, to card_4411?",
    },
    Step::Customer("Yes, please go ahead with the refund."),
    Step::Calls(Tool::Refund),
    Step::Replies {
        draft: "Done. The refund of 59.90 for order R-20418 is accepted under number RF-7731.",
        second: "The refund of 59.90 is accepted.",
    },
    Step::Customer("Thank you. Will my bank charge me anything for it?"),
    Step::Decides("Answer, though nothing here says what this bank charges.", "bank_fees", 0.42),
    Step::Replies {
        draft: "No, your bank charges nothing for it.",
        second: "⟨⟨high⟩⟩ I cannot see your bank's terms. Most banks charge nothing for a refund, but please ask yours.",
    },
];
