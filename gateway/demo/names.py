"""Who works for the company that the demo shows: names of people, and the tree of its teams."""

COMPANY = "Farwater"

DOMAIN = "farwater.example"

PEOPLE = (
    ("Åsa Björn Elin Gösta Märta", "Lindqvist Öberg Sjöström Åkesson Nyström Hägg"),
    ("Zoë Daan Femke Joris Sanne", "Janssen Visser Kuipers Smeets Postma Dijkgraaf"),
    ("José Lucía Íñigo Begoña Andrés", "Muñoz Ibáñez Peña Ordóñez Gálvez Zúñiga"),
    ("Jürgen Käthe Sören Anneliese Jörg", "Müller Weiß Schröder Krämer Groß Höfer"),
    ("Éloïse Aurélien Maëlle Benoît Chloé", "Lefèvre Garçon Bélanger Château Noël Rémond"),
    ("Łucja Paweł Żaneta Grażyna Bogusław", "Wójcik Dąbrowski Kowalska Pawłowska Żak Łuczak"),
    ("Søren Mette Jørgen Åse Bjørk", "Kjær Østergaard Højgaard Nørgaard Brøndsted Skårup"),
    ("João Conceição Tomás Inês Luís", "Gonçalves Araújo Simões Magalhães Leitão Falcão"),
    ("Şebnem Gökhan Çiğdem İpek Oğuz", "Koç Öztürk Şahin Güneş Çelik Aydoğan"),
    ("Zdeněk Růžena Jiří Kateřina Vojtěch", "Dvořák Němcová Kučera Říha Šťastný Žižka"),
    ("Nguyệt Thảo Đức Hương Quân", "Trần Đặng Phạm Lê Vũ Huỳnh"),
    ("Aoife Ciarán Siobhán Róisín Oisín", "Byrne Gallagher Kelleher Doyle Mulcahy Keane"),
    ("Priya Arjun Kavya Rohan Meera", "Raghavan Deshpande Chatterjee Kulkarni Bose Iyer"),
    ("Haruka Kenji Yūko Shō Naoko", "Fujimoto Ōtani Hayashi Morikawa Saitō Ueno"),
)
"""Given names and family names that are heard together, one country a line."""

DIRECTORY_LETTERS = {
    "æ": "ae",
    "ß": "ss",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
}
"""Letters that are no plain letter with an accent, as an e-mail address writes them."""

JOBS = (
    "Product Manager",
    "Data Analyst",
    "Backend Engineer",
    "Frontend Engineer",
    "Product Designer",
    "Engineering Manager",
    "UX Researcher",
    "Data Scientist",
)

TEAMS = (
    (COMPANY, None, "Everybody."),
    ("Discovery", COMPANY, "How people find a place to go."),
    ("Booking", COMPANY, "From choice to confirmation."),
    ("Growth", COMPANY, "How people come, and come back."),
    ("Foundations", COMPANY, "What all the others build on."),
    ("Search", "Discovery", "Results for a place and dates."),
    ("Stays", "Discovery", "Pages of hotels and flats."),
    ("Flights", "Discovery", "Flight lists and fares."),
    ("Checkout", "Booking", "The steps before payment."),
    ("Payments", "Booking", "Cards, wallets, invoices."),
    ("Trips", "Booking", "Everything after the booking."),
    ("Acquisition", "Growth", "Landing pages and campaigns."),
    ("Loyalty", "Growth", "Points, levels, offers."),
    ("Identity", "Foundations", "Sign-in and accounts."),
    ("Ranking", "Search", "In which order results are shown."),
    ("Inspiration", "Discovery", "For those who do not know yet."),
    ("Filters", "Search", "Narrowing results down."),
    ("Reviews", "Stays", "What guests say."),
    ("Wallets", "Payments", "Paying with a phone."),
    ("Help Centre", "Foundations", "Answers, and people who give them."),
    ("Ancillaries", "Flights", "Seats, bags, meals."),
    ("Newsletter", "Growth", "Mails that are worth opening."),
    ("Pricing", "Booking", "What it costs, and why."),
    ("Photos", "Stays", "Pictures of rooms."),
    ("Partners", COMPANY, "Hoteliers and airlines."),
    ("Extranet", "Partners", "Where hoteliers keep their rooms."),
    ("Fraud", "Payments", "Bookings that nobody made."),
    ("Car Hire", "Discovery", "Wheels at the other end."),
    ("Referrals", "Growth", "Friends of friends."),
    ("Passkeys", "Identity", "Sign-in without passwords."),
    ("Rail", "Discovery", "Trains and passes."),
    ("Cancellations", "Trips", "When plans change."),
    ("Experimentation", "Foundations", "The people behind this graph."),
    ("Chat", "Help Centre", "Help while typing."),
    ("Onboarding", "Extranet", "The first day of a hotelier."),
    ("Maps", "Search", "Results as pins."),
    ("Corporate", COMPANY, "Travel for work."),
    ("Expenses", "Corporate", "Receipts and approvals."),
    ("Localisation", "Foundations", "Forty-one languages."),
    ("Accessibility", "Foundations", "For everybody, really."),
)
"""Name, parent and purpose; a parent stands before its children."""

COLORS = ("#0b7285", "#5f3dc4", "#d9480f", "#2b8a3e", "#a61e4d", "#364fc7", "#e67700", "#495057")
