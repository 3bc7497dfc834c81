"""What patients' pages say, by key, in English and Spanish; only names, numbers and days are put in.

Every sentence is fixed and read by a person before a patient does; what a page asks or advises is the same in both
languages. Before the birth date is given no sentence says what a page is about.
"""

from collections.abc import Mapping
from datetime import date

from pharmacy.domain.check_ins import CheckInAnswer
from pharmacy.domain.label_phrases import Language
from pharmacy.domain.page_words import (
    Advice,
    CheckIn,
    Dates,
    Entry,
    FirstDay,
    Frame,
    PagePhrases,
    PriceWords,
    Refill,
    Refusals,
    Stopping,
)
from pharmacy.domain.pricing import LineKind

_ENGLISH = PagePhrases(
    frame=Frame(questions="Questions? Call us:", thanks="Thank you"),
    refusals=Refusals(
        no_link=("This link does not work", "This link does not work, or not any more."),
        changed=("Something has changed", "Please open the link in our message again."),
        busy=("We are busy", "Nothing was changed. Please try again in a few minutes."),
        other=("That did not work", "Please open the link in our message again."),
        closed=("This link is closed", "That date was not right, and it was the last try."),
        call="Please call us, and we will help you on:",
    ),
    entry=Entry(
        heading="One question first",
        why="So that only you see this page, please give your date of birth.",
        legend="Date of birth",
        fields=(("month", "Month"), ("day", "Day"), ("year", "Year")),
        example="In numbers, for example 3 27 1974.",
        go_on="Continue",
        took_a_while="You took a while. Please give your date of birth again.",
        wrong="That date does not fit. You have {count} more tries.",
        wrong_but_one="That date does not fit. You have one more try.",
    ),
    advice=Advice(
        heading="Please remember",
        emergency="In an emergency call 911",
        emergency_is=(
            "trouble breathing, a swollen face or throat, fainting, thoughts of harming yourself. You can also "
            "call or text 988 at any time."
        ),
        opioids=(
            "Do not take opioid pain medicine, opioid cough or diarrhea medicine, or anything that contains an "
            "opioid, without talking to us first. If you took one, or plan an operation, call us before your next "
            "dose."
        ),
        double_dose="Never take a double dose. If you missed one, take the next one at its usual time.",
    ),
    check_in=CheckIn(
        heading="How are you doing?",
        tap="Tap what fits best. Your pharmacist reads it.",
        answers={
            CheckInAnswer.FINE: "I am fine",
            CheckInAnswer.HEADACHE: "I have headaches",
            CheckInAnswer.VIVID_DREAMS: "Vivid dreams, or I sleep badly",
            CheckInAnswer.STOMACH: "My stomach troubles me",
            CheckInAnswer.STOP: "I want to stop",
        },
        said="You told us: {told}.",
        said_before="You told us: {told}. You may answer again; the last answer counts.",
        fine="Please go on as your label says.",
        not_fine=(
            "A pharmacist will call you. Until then stay at your present step: do not go on to the next one before "
            "we have talked. Or call us now: {phone}."
        ),
    ),
    first_day=FirstDay(
        heading="When did you take your first dose?",
        tap="One tap, and our reminders count from that day.",
        today="Today, {day}",
        yesterday="Yesterday, {day}",
        not_yet="Not started yet? Then do nothing now, and open this page again on the day on which you start.",
        outside="Your first day lies between {earliest} and {latest}.",
        not_handed_over="Your order has not been handed over yet, so there is no first day.",
        call="Please call us: {phone}.",
        confirmed="Your first day is {told}. Our reminders count from it.",
    ),
    refill=Refill(
        heading="Your refill",
        due=(
            "Rx {number} is due. One tap asks for the refill; a pharmacist looks at it before anything is made or "
            "charged."
        ),
        ask="Ask for the refill",
        asked_heading="We have your request",
        asked=(
            "Thank you. We see to the refill of Rx {number}, and call you with three questions before we fill it: "
            "about opioids, allergies and your other medicines."
        ),
    ),
    price=PriceWords(
        heading="Your price",
        whose="For {patient}, prescription Rx {number}, {days} days.",
        caption="The price line by line, in US dollars",
        line="For",
        total="Total",
        # As the price book words them, which is English.
        lines=dict.fromkeys(LineKind, "{wording}"),
        by_mail=(
            "When you accept, we call you to take the payment, and then make your medicine. You are charged when it "
            "is sent."
        ),
        picked_up="When you accept, we make your medicine. You pay when you pick it up.",
        accept="Accept {total} USD",
        decline=(
            "If you do not want it at this price, you need not do anything: nothing is made and nothing is charged. "
            "Or call us."
        ),
        nothing_due="There is nothing for you to do at the moment.",
        changed="The price is {total} USD now. Please look at it again before you accept.",
        accepted="You have accepted the price of {told}.",
        accepted_by_mail="We will call you to take the payment. You are charged when your order is sent.",
        accepted_picked_up="We will tell you when it is ready. You pay when you pick it up.",
        close="You may close this page.",
    ),
    stopping=Stopping(
        heading="Stop these messages?",
        stop="Stop these messages",
        done_heading="Stopped",
        done="You will get no more of these messages from us. If you want them again, call us.",
    ),
    dates=Dates(
        weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        months=(
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ),
        day="{weekday}, {day} {month}",
    ),
)
_SPANISH = PagePhrases(
    frame=Frame(questions="¿Preguntas? Llámenos:", thanks="Gracias"),
    refusals=Refusals(
        no_link=("Este enlace no funciona", "Este enlace no funciona, o ya no funciona."),
        changed=("Algo ha cambiado", "Abra otra vez el enlace de nuestro mensaje."),
        busy=("Estamos ocupados", "No se cambió nada. Intente otra vez en unos minutos."),
        other=("No se pudo hacer", "Abra otra vez el enlace de nuestro mensaje."),
        closed=(
            "Este enlace está cerrado",
            "Esa fecha no era correcta, y fue el último intento.",
        ),
        call="Llámenos y le ayudaremos a continuar:",
    ),
    entry=Entry(
        heading="Una pregunta antes",
        why="Para que solo usted vea esta página, díganos su fecha de nacimiento.",
        legend="Fecha de nacimiento",
        fields=(("day", "Día"), ("month", "Mes"), ("year", "Año")),
        example="En números, por ejemplo 27 3 1974.",
        go_on="Continuar",
        took_a_while="Ha pasado un rato. Díganos otra vez su fecha de nacimiento.",
        wrong="Esa fecha no coincide. Le quedan {count} intentos.",
        wrong_but_one="Esa fecha no coincide. Le queda un intento.",
    ),
    advice=Advice(
        heading="Recuerde",
        emergency="En una emergencia llame al 911",
        emergency_is=(
            "si le cuesta respirar, se le hincha la cara o la garganta, se desmaya o piensa en hacerse daño. También "
            "puede llamar o enviar un mensaje de texto al 988 a cualquier hora."
        ),
        opioids=(
            "No tome medicinas opioides para el dolor, la tos o la diarrea, ni nada que contenga un opioide, sin "
            "hablar antes con nosotros. Si tomó una, o le van a operar, llámenos antes de su próxima dosis."
        ),
        double_dose="Nunca tome una dosis doble. Si olvidó una, tome la siguiente a su hora habitual.",
    ),
    check_in=CheckIn(
        heading="¿Cómo se siente?",
        tap="Toque lo que mejor describa cómo está. Su farmacéutico lo lee.",
        answers={
            CheckInAnswer.FINE: "Me siento bien",
            CheckInAnswer.HEADACHE: "Me duele la cabeza",
            CheckInAnswer.VIVID_DREAMS: "Tengo sueños vívidos o duermo mal",
            CheckInAnswer.STOMACH: "Me molesta el estómago",
            CheckInAnswer.STOP: "Quiero dejar de tomarla",
        },
        said="Nos dijo: {told}.",
        said_before="Nos dijo: {told}. Puede responder otra vez; cuenta la última respuesta.",
        fine="Siga como dice su etiqueta.",
        not_fine=(
            "Un farmacéutico le llamará. Hasta entonces quédese en su paso actual: no pase al siguiente antes de que "
            "hablemos. O llámenos ahora: {phone}."
        ),
    ),
    first_day=FirstDay(
        heading="¿Cuándo tomó su primera dosis?",
        tap="Con un toque, nuestros recordatorios cuentan desde ese día.",
        today="Hoy, {day}",
        yesterday="Ayer, {day}",
        not_yet=(
            "¿Todavía no ha empezado? Entonces no haga nada ahora, y abra otra vez esta página el día en que empiece."
        ),
        outside="Su primer día está entre el {earliest} y el {latest}.",
        not_handed_over="Su pedido todavía no se ha entregado, por eso aún no hay un primer día.",
        call="Llámenos: {phone}.",
        confirmed="Su primer día es el {told}. Nuestros recordatorios cuentan desde ese día.",
    ),
    refill=Refill(
        heading="Su resurtido",
        due=(
            "Es hora de resurtir la receta Rx {number}. Con un toque pide el resurtido; un farmacéutico lo revisa "
            "antes de preparar o cobrar nada."
        ),
        ask="Pedir el resurtido",
        asked_heading="Tenemos su solicitud",
        asked=(
            "Gracias. Nos ocupamos de resurtir la receta Rx {number}, y le llamaremos con tres preguntas antes de "
            "surtirla: sobre opioides, alergias y sus otras medicinas."
        ),
    ),
    price=PriceWords(
        heading="Su precio",
        whose="Para {patient}, receta Rx {number}, {days} días.",
        caption="El precio línea por línea, en dólares de EE. UU.",
        line="Concepto",
        total="Total",
        lines={
            LineKind.INGREDIENTS: "Ingredientes",
            LineKind.LABOUR: "Preparación",
            LineKind.FEES: "Cargo por surtir la receta",
            LineKind.PACKAGING: "Envases",
            LineKind.DISCOUNT: "Descuento",
            LineKind.ROUNDING: "Redondeo",
            LineKind.MINIMUM: "Cargo mínimo",
            # What the house adds it names itself, in its own words.
            LineKind.SURCHARGE: "Cargo adicional: {wording}",
            LineKind.SHIPPING: "Envío",
            LineKind.TAX: "Impuestos",
        },
        by_mail=(
            "Si lo acepta, le llamaremos para recibir el pago y después prepararemos su medicina. Se le cobra cuando "
            "se envía."
        ),
        picked_up="Si lo acepta, prepararemos su medicina. Usted paga al recogerla.",
        accept="Aceptar {total} USD",
        decline=(
            "Si no la quiere a este precio, no tiene que hacer nada: no se prepara ni se cobra nada. O llámenos."
        ),
        nothing_due="Por el momento no tiene que hacer nada.",
        changed="El precio es ahora de {total} USD. Véalo otra vez antes de aceptarlo.",
        accepted="Usted aceptó el precio de {told}.",
        accepted_by_mail="Le llamaremos para recibir el pago. Se le cobra cuando se envía su pedido.",
        accepted_picked_up="Le avisaremos cuando esté listo. Usted paga al recogerlo.",
        close="Ya puede cerrar esta página.",
    ),
    stopping=Stopping(
        heading="¿No recibir más estos mensajes?",
        stop="No recibir más estos mensajes",
        done_heading="Hecho",
        done="Ya no le enviaremos estos mensajes. Si los quiere otra vez, llámenos.",
    ),
    dates=Dates(
        weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
        months=(
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ),
        day="{weekday} {day} de {month}",
    ),
)
PAGES: Mapping[Language, PagePhrases] = {Language.ENGLISH: _ENGLISH, Language.SPANISH: _SPANISH}


def day_in_full(day: date, language: Language) -> str:
    """ "Wednesday, 2 December", "miércoles 2 de diciembre"."""
    dates = PAGES[language].dates
    return dates.day.format(
        weekday=dates.weekdays[day.weekday()], day=day.day, month=dates.months[day.month - 1]
    )
