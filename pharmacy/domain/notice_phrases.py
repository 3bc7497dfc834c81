"""What notices say, by kind, in English and Spanish; only names, numbers and days are put in.

Every sentence is fixed and read by a person before a patient does. It names the pharmacy and its telephone and never
drug, strength or condition. Spanish text messages go without the accents that the GSM alphabet lacks (á, í, ó, ú).
"""

from collections.abc import Mapping
from typing import NamedTuple

from pharmacy.domain.label_phrases import Language
from pharmacy.domain.notices import NoticeKind


class Wording(NamedTuple):
    """The texts of one kind, with `{name}` and `{phone}` of the pharmacy.

    `link_words` say what the private link is for, `short` stands before it in a text message, and `by_sms` is the
    text message where it says something else than `body`.
    """

    subject: str
    body: str
    link_words: str = ""
    short: str = ""
    by_sms: str = ""


class StepWording(NamedTuple):
    """How a step is announced; `{words}` is the step, `{day}` its first day."""

    subject: str
    tomorrow: str
    begins: str
    began: str
    # What is known: `{news}` is one of the three above.
    dated: str
    # Nobody has told us when they started.
    asked: str
    link_words: str
    short: str
    position: str
    no_capsules: str


class Frame(NamedTuple):
    """What stands around every message."""

    opt_out: str
    why: str
    emergency: str
    stop_mails: str
    calls: str
    private: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str


class Answer(NamedTuple):
    """What a patient's own text message is answered by."""

    stopped: str
    started: str
    help: str
    refill: str


_ENGLISH: Mapping[NoticeKind, Wording] = {
    NoticeKind.SHIPPED: Wording(
        "A parcel from {name} is on its way",
        "Your prescription from {name} has been shipped. Questions? Call {phone}.",
    ),
    NoticeKind.READY: Wording(
        "Ready for you at {name}",
        "Your prescription is ready to be picked up at {name}. Questions? Call {phone}.",
    ),
    # No sum: a message may be read by others, and the price stands behind the link.
    NoticeKind.PRICE: Wording(
        "A question from {name}",
        "{name} has a price for you to look at before your prescription is made. Questions? Call {phone}.",
        link_words="See the price",
        short="{name}, {phone}: see the price of your prescription:",
    ),
    NoticeKind.CHECK_IN: Wording(
        "How are you doing? A question from {name}",
        "{name} asks how you are doing. Anything that troubles you? Call {phone}.",
        link_words="Tell us in one tap",
        short="{name}, {phone}: how are you doing?",
    ),
    NoticeKind.REFILL: Wording(
        "Your prescription from {name} is due",
        "Your prescription from {name} is due. Call {phone} to refill.",
        link_words="Ask for your refill",
        by_sms="Your prescription from {name} is due. Reply 1 to refill or call {phone}.",
    ),
    NoticeKind.FOLLOW_UP: Wording(
        "A reminder from {name}",
        "Your prescription from {name} is still due. Call {phone} to refill.",
        link_words="Ask for your refill",
        by_sms="Your prescription from {name} is still due. Reply 1 to refill or call {phone}.",
    ),
    NoticeKind.EXPIRING: Wording(
        "A message from {name}",
        "Your prescription with {name} can soon be filled no more. Ask your prescriber for a new one, "
        "or call {phone}.",
    ),
    NoticeKind.HOME_EXPIRED: Wording(
        "A message from {name}",
        "Please look at your vial from {name}: do not use it past the date on its label. Call {phone}.",
    ),
    NoticeKind.RECALL: Wording(
        "Important: please call {name}",
        "Important: do not use your vial from {name}, and call us now: {phone}.",
    ),
}
_SPANISH: Mapping[NoticeKind, Wording] = {
    NoticeKind.SHIPPED: Wording(
        "Un paquete de {name} va en camino",
        "Su receta de {name} ya fue enviada. ¿Preguntas? Llame al {phone}.",
    ),
    NoticeKind.READY: Wording(
        "Su receta está lista en {name}",
        "Su receta está lista para recoger en {name}. ¿Preguntas? Llame al {phone}.",
    ),
    NoticeKind.PRICE: Wording(
        "Una pregunta de {name}",
        "{name} tiene un precio para que lo vea antes de preparar su receta. ¿Preguntas? Llame al {phone}.",
        link_words="Ver el precio",
        short="{name}, {phone}: vea el precio de su receta:",
    ),
    NoticeKind.CHECK_IN: Wording(
        "¿Cómo se siente? Una pregunta de {name}",
        "{name} quiere saber cómo se siente. ¿Algo le molesta? Llame al {phone}.",
        link_words="Díganos con un toque",
        short="{name}, {phone}: ¿cómo se siente?",
    ),
    NoticeKind.REFILL: Wording(
        "Es hora de resurtir su receta en {name}",
        "Es hora de resurtir su receta en {name}. Llame al {phone}.",
        link_words="Pida su resurtido",
        by_sms="Es hora de resurtir su receta en {name}. Responda 1 o llame al {phone}.",
    ),
    NoticeKind.FOLLOW_UP: Wording(
        "Un recordatorio de {name}",
        "Su receta en {name} sigue sin resurtir. Llame al {phone}.",
        link_words="Pida su resurtido",
        by_sms="Su receta en {name} sigue sin resurtir. Responda 1 o llame al {phone}.",
    ),
    NoticeKind.EXPIRING: Wording(
        "Un mensaje de {name}",
        "Su receta en {name} pronto ya no se podrá surtir. Pida otra a su médico o llame al {phone}.",
    ),
    NoticeKind.HOME_EXPIRED: Wording(
        "Un mensaje de {name}",
        "Revise su frasco de {name}: no lo use después de la fecha de la etiqueta. Llame al {phone}.",
    ),
    NoticeKind.RECALL: Wording(
        "Importante: llame a {name}",
        "Importante: no use su frasco de {name} y llámenos ahora: {phone}.",
    ),
}
WORDINGS: Mapping[Language, Mapping[NoticeKind, Wording]] = {
    Language.ENGLISH: _ENGLISH,
    Language.SPANISH: _SPANISH,
}
STEPS: Mapping[Language, StepWording] = {
    Language.ENGLISH: StepWording(
        subject="A message from {name}",
        tomorrow="Tomorrow: {words}",
        begins="{words}, begins on {day}",
        began="{words}, began on {day}",
        dated="{news}. Questions? {name}, {phone}.",
        asked="Have you started? After your present step, go on to {words}. Not started? {name}, {phone}.",
        link_words="Tell us when you started",
        short="{name}, {phone}: have you started?",
        position="Step {position}",
        no_capsules="no capsules",
    ),
    Language.SPANISH: StepWording(
        subject="Un mensaje de {name}",
        tomorrow="Mañana: {words}",
        begins="{words}, empieza el {day}",
        began="{words}, empezó el {day}",
        dated="{news}. ¿Preguntas? {name}, {phone}.",
        asked="¿Ya empezó? Después de su paso actual siga con: {words}. ¿No ha empezado? {name}, {phone}.",
        link_words="Díganos cuándo empezó",
        short="{name}, {phone}: ¿ya empezó?",
        position="Paso {position}",
        no_capsules="ninguna cápsula",
    ),
}
FRAMES: Mapping[Language, Frame] = {
    Language.ENGLISH: Frame(
        opt_out="STOP to opt out.",
        why="You get this e-mail because you agreed to it at {name}, {phone}.",
        emergency="In an emergency call 911.",
        stop_mails="Stop these e-mails",
        calls="Call {phone}",
        private="The link asks for your birth date and is for you alone.",
        weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
        months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
        day="{weekday} {day} {month}",
    ),
    Language.SPANISH: Frame(
        opt_out="STOP para no recibir más.",
        why="Recibe este correo porque lo aceptó en {name}, {phone}.",
        emergency="En una emergencia llame al 911.",
        stop_mails="No recibir más correos",
        calls="Llame al {phone}",
        private="El enlace le pide su fecha de nacimiento y es solo para usted.",
        weekdays=("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
        months=("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
        day="{weekday} {day} {month}",
    ),
}
ANSWERS: Mapping[Language, Answer] = {
    Language.ENGLISH: Answer(
        stopped="{name}: you will get no more text messages from us. Questions? {phone}.",
        started="{name}: you get our text messages again. STOP to opt out.",
        help="{name}: reminders about your prescription. Call {phone}. STOP to opt out.",
        refill="{name}: we have your request and will call you if we need to. STOP to opt out.",
    ),
    Language.SPANISH: Answer(
        stopped="{name}: ya no le enviaremos mensajes de texto. ¿Preguntas? {phone}.",
        started="{name}: vuelve a recibir nuestros mensajes de texto. STOP para no recibir más.",
        help="{name}: recordatorios sobre su receta. Llame al {phone}. STOP para no recibir más.",
        refill="{name}: tenemos su pedido y le llamaremos si hace falta. STOP para no recibir más.",
    ),
}
