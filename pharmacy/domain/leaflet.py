"""The leaflet that goes with every fill, in English and Spanish.

What a patient must know that no vial has room for: that the medicine is compounded and its use off-label, that
opioids and it do not go together, what to do about a missed dose, an operation or a side effect, and that a
pharmacist will talk with them (for mailed orders the written offer of counselling, 42 CFR 456.705 and state law).
It names no patient and no condition. A person who reads Spanish has to read the Spanish before it is given out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pharmacy.domain.label_phrases import Language


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and what it says in sentences; `is_warning` sets it apart."""

    heading: str
    paragraphs: tuple[str, ...]
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Leaflet:
    """A title and its sections; `{pharmacy}` and `{phone}` stand for the pharmacy's own."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]


_ENGLISH = Leaflet(
    "Your low-dose naltrexone",
    "Read this before your first capsule and keep it with your vials.",
    (
        Section(
            "No opioids",
            (
                "Do not take this medicine with opioid medicines for pain, cough or diarrhea (such as codeine, "
                "hydrocodone, oxycodone, morphine, tramadol, methadone, buprenorphine or diphenoxylate). They "
                "will not work as they should, and you may go into sudden withdrawal. Never take more of an "
                "opioid to overcome this: that can stop your breathing.",
                "If you took an opioid in the last 14 days, call us before your first capsule.",
            ),
            is_warning=True,
        ),
        Section(
            "Surgery, dentist, emergency room",
            (
                "Tell your surgeon, dentist or emergency team that you take naltrexone. Do not stop it for an "
                "operation without asking: your prescriber tells you when to stop and when to start again.",
            ),
            is_warning=True,
        ),
        Section(
            "What it is",
            (
                "{pharmacy} made these capsules for you on your prescriber's order. Compounded medicines are not "
                "approved by the FDA, and using naltrexone in low doses is off-label: your prescriber chose it "
                "for you.",
            ),
        ),
        Section(
            "How to take it",
            (
                "Follow the labels step by step; each vial says which step and which days it is for. Swallow "
                "capsules whole with water, at the time of day on the label.",
            ),
        ),
        Section(
            "If you miss a dose",
            (
                "Leave it out and take the next one at its usual time. Never take two doses at once. If you "
                "missed several days, call us before you go on; after more than 14 days you start again at step 1 "
                "only when your prescriber says so.",
            ),
        ),
        Section(
            "Side effects and what to do",
            (
                "Vivid dreams, trouble sleeping, headache or an upset stomach are common in the first days of a "
                "step and often pass. Call us before the next step if they do not: the step can be made longer or "
                "smaller, or the time of day moved.",
                "Stop and call us or your prescriber the same day for dark urine, yellow eyes or skin, strong "
                "stomach pain, low mood or thoughts of harming yourself. Call 911 for trouble breathing or "
                "swelling of the face. In a crisis of mood call or text 988.",
                "Tell us if you are pregnant, plan to be, or breast-feed, and before any new medicine.",
            ),
        ),
        Section(
            "Keeping it",
            (
                "Out of reach of children, dry, away from light, at room temperature. Do not use it after the date "
                "on the vial. Do not share it.",
            ),
        ),
        Section(
            "Talk with a pharmacist",
            (
                "You may talk with a pharmacist about this medicine at no cost, also when it came by mail: call "
                "{phone}. You may report side effects to the FDA at 1-800-FDA-1088.",
            ),
        ),
    ),
)
_SPANISH = Leaflet(
    "Su naltrexona en dosis baja",
    "Lea esto antes de la primera cápsula y guárdelo con sus frascos.",
    (
        Section(
            "Nada de opioides",
            (
                "No tome esta medicina con medicinas opioides para el dolor, la tos o la diarrea (como codeína, "
                "hidrocodona, oxicodona, morfina, tramadol, metadona, buprenorfina o difenoxilato). No harán el "
                "efecto debido y usted puede sufrir de repente un síndrome de abstinencia. Nunca tome más opioide "
                "para vencer este efecto: puede dejar de respirar.",
                "Si tomó un opioide en los últimos 14 días, llámenos antes de la primera cápsula.",
            ),
            is_warning=True,
        ),
        Section(
            "Cirugía, dentista, sala de emergencias",
            (
                "Diga a su cirujano, dentista o equipo de emergencias que toma naltrexona. No la suspenda por una "
                "operación sin preguntar: quien se la recetó le dirá cuándo suspenderla y cuándo volver a empezar.",
            ),
            is_warning=True,
        ),
        Section(
            "Qué es",
            (
                "{pharmacy} preparó estas cápsulas para usted con la receta de su médico. La FDA no aprueba las "
                "medicinas preparadas en la farmacia, y el uso de naltrexona en dosis bajas no figura en su "
                "etiqueta oficial: su médico la eligió para usted.",
            ),
        ),
        Section(
            "Cómo tomarla",
            (
                "Siga las etiquetas paso a paso; cada frasco dice para qué paso y qué días es. Trague las cápsulas "
                "enteras con agua, a la hora que dice la etiqueta.",
            ),
        ),
        Section(
            "Si olvida una dosis",
            (
                "No la tome; tome la siguiente a su hora habitual. Nunca tome dos dosis a la vez. Si olvidó varios "
                "días, llámenos antes de continuar; después de más de 14 días se empieza otra vez en el paso 1 solo "
                "cuando su médico lo diga.",
            ),
        ),
        Section(
            "Efectos secundarios y qué hacer",
            (
                "Los sueños vívidos, el insomnio, el dolor de cabeza o el malestar de estómago son comunes en los "
                "primeros días de un paso y suelen pasar. Si no pasan, llámenos antes del paso siguiente: el paso "
                "se puede alargar o reducir, o cambiar la hora.",
                "Suspéndala y llámenos o llame a su médico el mismo día si tiene orina oscura, ojos o piel "
                "amarillos, dolor fuerte de estómago, ánimo muy bajo o ideas de hacerse daño. Llame al 911 si le "
                "cuesta respirar o se le hincha la cara. En una crisis de ánimo llame o envíe un mensaje de texto al 988.",
                "Avísenos si está embarazada, piensa estarlo o amamanta, y antes de cualquier medicina nueva.",
            ),
        ),
        Section(
            "Cómo guardarla",
            (
                "Fuera del alcance de los niños, en lugar seco, sin luz, a temperatura ambiente. No la use después "
                "de la fecha del frasco. No la comparta.",
            ),
        ),
        Section(
            "Hable con un farmacéutico",
            (
                "Puede hablar sin costo con un farmacéutico sobre esta medicina, también si llegó por correo: "
                "llame al {phone}. Puede informar de efectos secundarios a la FDA en el 1-800-FDA-1088.",
            ),
        ),
    ),
)
LEAFLETS: Mapping[Language, Leaflet] = {Language.ENGLISH: _ENGLISH, Language.SPANISH: _SPANISH}
