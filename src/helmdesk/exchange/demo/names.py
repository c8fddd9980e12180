"""Invented names of people of several cultures, and the mail addresses that follow from them."""

import unicodedata
from random import Random
from typing import NamedTuple


class Names(NamedTuple):
    given: tuple[str, ...]
    family: tuple[str, ...]
    double: bool = False


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CULTURES: dict[str, Names] = {
    "austrian": Names(
        _words(
            "Anna Lena Katharina Johanna Magdalena Birgit Elisabeth Verena Sabine Claudia Theresa Ingrid Petra Carina "
            "Lukas Florian Matthias Stefan Andreas Bernhard Thomas Johannes Gerald Markus Philipp Georg Dominik Horst"
        ),
        _words(
            "Gruber Huber Bauer Wagner Steiner Moser Hofer Leitner Berger Fuchs Eder Fischer Schmid Winkler Weber "
            "Schwarz Maier Reiter Brunner Lang Baumgartner Auer Binder Lechner Koller Ebner Haas Egger Aigner Pichler "
            "Strasser Kainz Zöhrer Hödl Pöschl Trummer Krenn Lackner Rühr"
        ),
    ),
    "balkan": Names(
        _words("Ana Ivana Marija Jelena Mirela Amra Sanja Dragana Marko Nikola Dejan Goran Emir Zoran Luka Haris"),
        _words("Horvat Kovačević Babić Marić Jurić Novak Petrović Jovanović Hodžić Delić Knežević Vuković Šarić"),
    ),
    "hungarian": Names(
        _words("Eszter Zsófia Réka Ildikó Katalin Judit Gábor László Attila Zoltán Péter Balázs Csaba Tamás"),
        _words("Nagy Kovács Tóth Szabó Horváth Varga Kiss Molnár Németh Farkas Balogh Papp Lakatos"),
    ),
    "turkish": Names(
        _words("Ayşe Elif Zeynep Merve Esra Fatma Mehmet Mustafa Emre Burak Kemal Yusuf Hakan Serkan"),
        _words("Yılmaz Kaya Demir Çelik Şahin Yıldız Aydın Öztürk Arslan Doğan Koç Polat"),
    ),
    "italian": Names(
        _words("Giulia Chiara Francesca Elena Paola Marco Luca Alessandro Matteo Davide Stefano"),
        _words("Rossi Ferrari Bianchi Romano Colombo Ricci Marino Greco Conti Gallo Moretti"),
    ),
    "british": Names(
        _words(
            "Emily Charlotte Olivia Sophie Hannah Rebecca Lucy Megan Joanne Helen Karen Dana Oliver Jack Harry George "
            "Thomas James Daniel Matthew Simon Andrew Neil Graham Callum Ryan Ben Adam"
        ),
        _words(
            "Smith Jones Taylor Brown Wilson Evans Walker Wright Robinson Thompson Hughes Edwards Green Hall Wood "
            "Clarke Jackson Turner Hill Cooper Ward Morris Bell Shaw Barker Hobson Ackroyd Sykes Hague Priestley Firth"
        ),
    ),
    "irish": Names(
        _words("Aoife Ciara Niamh Siobhán Sinéad Conor Seán Declan Eoin Padraig"),
        _words("Murphy Kelly O'Sullivan Walsh Byrne O'Connor Doyle Gallagher Doherty"),
    ),
    "indian": Names(
        _words("Priya Ananya Kavita Deepa Sunita Meera Nisha Arjun Rahul Vikram Sanjay Amit Rohan Suresh Anil Karthik"),
        _words("Sharma Patel Singh Iyer Reddy Nair Gupta Mehta Desai Rao Joshi Kulkarni Banerjee Menon"),
    ),
    "polish": Names(
        _words("Agnieszka Magdalena Katarzyna Małgorzata Joanna Piotr Krzysztof Tomasz Paweł Marcin Łukasz Jakub"),
        _words("Nowak Kowalczyk Wójcik Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski Mazur Wróbel"),
    ),
    "nigerian": Names(
        _words("Ngozi Chioma Adaeze Funke Amara Chinedu Emeka Oluwaseun Tunde Ifeanyi Kelechi"),
        _words("Okafor Adeyemi Balogun Eze Nwosu Okonkwo Adebayo Obi Ogunleye Chukwu"),
    ),
    "vietnamese": Names(
        _words("Linh Mai Hương Lan Thảo Minh Tuấn Hùng Dũng Quang Nam"),
        _words("Nguyễn Trần Lê Phạm Hoàng Vũ Đặng Bùi Đỗ"),
    ),
    "moroccan": Names(
        _words("Fatima Khadija Salma Nadia Imane Youssef Mohamed Hamza Omar Rachid Karim"),
        _words("Alaoui Bennani Idrissi Tazi Benjelloun Fassi Berrada Chraibi"),
    ),
    "spanish": Names(
        _words(
            "María Carmen Lucía Paula Laura Marta Sara Cristina Raquel Nuria Inés Rocío Amparo Alejandro Daniel Pablo "
            "Javier Sergio Carlos Jorge Álvaro Vicente Rubén Iván Andrés Miguel Salvador Óscar"
        ),
        _words(
            "García Martínez López Sánchez Pérez Gómez Fernández Moreno Jiménez Ruiz Díaz Navarro Torres Domínguez Gil "
            "Vázquez Serrano Ramos Blanco Molina Ortega Delgado Castro Ortiz Rubio Marín Sanz Iglesias Ferrer Soler "
            "Peris Llopis Boix Climent"
        ),
        double=True,
    ),
    "filipino": Names(
        _words("Maricel Jocelyn Rowena Angelica Kristine Liza Divina Jomar Rodel Arnel Ramil Jericho Paolo Noel Efren"),
        _words(
            "Santos Reyes Cruz Bautista Ocampo Mendoza Aquino Villanueva Dela-Cruz Magsaysay Dimaculangan Tolentino"
        ),
    ),
}

_LETTERS = str.maketrans(
    {"ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "ł": "l", "đ": "d", "ı": "i", "ø": "o", "'": "", " ": ""}
)


def full_name(rng: Random, culture: str) -> tuple[str, str]:
    """Given and family name; Spanish families have two."""
    names = CULTURES[culture]
    family = rng.choice(names.family)
    if names.double:
        family = f"{family} {rng.choice([name for name in names.family if name != family])}"
    return rng.choice(names.given), family


class AddressBook:
    """Hands out each mail address once, so that no two people share their name."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def newcomer(self, rng: Random, culture: str, domain: str) -> tuple[str, str, str]:
        """Given name, family name and address of somebody not met before."""
        while True:
            given, family = full_name(rng, culture)
            address = f"{ascii_word(given)}.{ascii_word(family.split()[0])}@{domain}"
            if address not in self._taken:
                self._taken.add(address)
                return given, family, address


def ascii_word(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.lower().translate(_LETTERS))
    return "".join(char for char in plain if char.isascii() and (char.isalnum() or char == "-"))
