//! What people call their keys.

const USED_FOR: [&str; 40] = [
    "Billing sync",
    "Warehouse export",
    "CRM connector",
    "Newsletter sender",
    "Checkout backend",
    "Order webhooks",
    "Inventory feed",
    "Mobile app",
    "Partner portal",
    "Zapier",
    "Data lake loader",
    "Support desk",
    "Password resets",
    "Invoice mailer",
    "Analytics pipeline",
    "Loyalty points",
    "Returns desk",
    "Price import",
    "Fraud checks",
    "Shipping labels",
    "Marketing site",
    "Load tests",
    "Nightly backup",
    "Terraform",
    "GitHub Actions",
    "Jenkins",
    "Grafana",
    "Status page",
    "Survey tool",
    "Event tickets",
    "Phone system",
    "Kiosk",
    "Chat widget",
    "Recommendation service",
    "Tax reports",
    "Payroll",
    "Onboarding mails",
    "Рассылка новостей",
    "Kundenportal für Händler",
    "Search indexer",
];

const STAGES: [&str; 6] = [
    "production",
    "staging",
    "development",
    "CI",
    "sandbox",
    "QA",
];

const PLACES: [&str; 8] = [
    "Berlin",
    "Kyiv",
    "Lisbon",
    "Toronto",
    "Osaka",
    "eu-west-1",
    "us-east-2",
    "Leeds",
];

/// In the name of one key of ten thousand.
pub const RARE: &str = "Quokka";
const RARITY: usize = 10_000;

/// The name of the key with this number in this account. No two numbers below 1,000,000 give the same one.
pub fn of(account: usize, number: usize) -> String {
    // Accounts begin at other places.
    let place = number + account * 7;
    let pick = |words: &[&'static str], place: usize| words[place % words.len()];
    let used_for = if (number + account * 131) % RARITY == 77 {
        RARE
    } else {
        pick(&USED_FOR, place)
    };
    let stage = pick(&STAGES, place / USED_FOR.len());
    let round = USED_FOR.len() * STAGES.len();
    let town = pick(&PLACES, place / round);
    match number / round {
        0 => format!("{used_for} {stage}"),
        again if again < PLACES.len() => format!("{used_for} {stage}, {town}"),
        again => format!("{used_for} {stage}, {town} #{again}"),
    }
}
