"""Where a notice goes, when it waits, and what a text message wants."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.calendar import local_day
from pharmacy.domain.check_ins import SUGGESTIONS, CheckInAnswer, task_wording
from pharmacy.domain.notice_policy import USUAL, NoticePolicy, notice_policy
from pharmacy.domain.notice_rules import (
    PRIORITY,
    Channel,
    ChannelStanding,
    Go,
    Intent,
    Moment,
    Never,
    Wait,
    decide,
    intent_of,
    is_wrong_number,
)
from pharmacy.domain.notice_texts import NoticeText, Sender, fits_sms, notice_text, sms_text
from pharmacy.domain.notices import NoticeKind, check_in_day
from pharmacy.domain.renewing import is_still_a_reminder
from tests.domain.cases import case

NEW_YORK = ZoneInfo("America/New_York")
NOON = datetime(2026, 3, 4, 17, tzinfo=UTC)
HOUSE = Sender("Example Pharmacy", "(555) 010-0000")
LINK = "https://pharmacy.example/p/" + "x" * 43


def standing(
    channel: Channel = Channel.SMS, *sent_at: datetime, closed: str | None = None
) -> ChannelStanding:
    return ChannelStanding(channel=channel, closed_because=closed, sent_at=sent_at)


def decided(kind: NoticeKind, *standings: ChannelStanding, now: datetime = NOON, ahead: int = 0) -> object:
    return decide(kind, standings, Moment(now=now, zone=NEW_YORK, ahead_today=ahead), USUAL)


def test_one_message_a_day_of_the_patients_and_three_in_seven_times_24_hours() -> None:
    last_night = datetime(2026, 3, 4, 1, tzinfo=UTC)  # 20:00 on 3 March in New York: another day there.
    assert decided(NoticeKind.REFILL, standing(Channel.SMS, last_night)) == Go(
        Channel.SMS, "the patient's channel"
    )
    assert decided(NoticeKind.REFILL, standing(Channel.SMS, NOON - timedelta(hours=2))) == Wait(
        datetime(2026, 3, 5, 14, tzinfo=UTC), "1 message today by sms"
    )
    week = [
        NOON - timedelta(days=7) + timedelta(minutes=1),
        NOON - timedelta(days=4),
        NOON - timedelta(days=2),
    ]
    waits = decided(NoticeKind.REFILL, standing(Channel.SMS, *week))
    assert waits == Wait(datetime(2026, 3, 5, 14, tzinfo=UTC), "3 messages in 7 days by sms")
    week[0] -= timedelta(minutes=1)
    assert isinstance(decided(NoticeKind.REFILL, standing(Channel.SMS, *week)), Go), (
        "exactly 7 x 24 hours ago"
    )


def test_a_text_message_at_its_cap_becomes_an_e_mail() -> None:
    capped = standing(Channel.SMS, NOON - timedelta(hours=1))

    assert decided(NoticeKind.STEP, capped, standing(Channel.EMAIL)) == Go(Channel.EMAIL, "sms is at its cap")


def test_a_step_that_no_channel_may_tell_is_a_call_of_the_same_day() -> None:
    found = decided(NoticeKind.STEP, standing(Channel.SMS, NOON - timedelta(hours=1)))

    assert isinstance(found, Never)
    assert found.call


def test_a_recall_is_outside_the_caps_and_never_by_a_stopped_channel() -> None:
    many = [NOON - timedelta(hours=each) for each in range(1, 5)]
    stopped = standing(Channel.SMS, closed="opted out")

    assert isinstance(decided(NoticeKind.RECALL, standing(Channel.SMS, *many)), Go)
    assert decided(NoticeKind.RECALL, stopped, standing(Channel.EMAIL)) == Go(
        Channel.EMAIL, "a recall is outside the caps"
    )
    nobody = decided(NoticeKind.RECALL, stopped)
    assert isinstance(nobody, Never)
    assert nobody.call


def test_what_goes_first_today_lets_the_others_wait() -> None:
    assert PRIORITY[NoticeKind.RECALL] < PRIORITY[NoticeKind.STEP] < PRIORITY[NoticeKind.SHIPPED]
    assert PRIORITY[NoticeKind.SHIPPED] == PRIORITY[NoticeKind.READY] < PRIORITY[NoticeKind.REFILL]
    assert PRIORITY[NoticeKind.REFILL] < PRIORITY[NoticeKind.CHECK_IN] < PRIORITY[NoticeKind.EXPIRING]
    assert decided(NoticeKind.CHECK_IN, standing(), ahead=1) == Wait(
        datetime(2026, 3, 5, 14, tzinfo=UTC), "a notice that goes first is due today"
    )


@given(
    hours=st.lists(st.integers(0, 24 * 14), max_size=40).map(sorted),
    zone=st.sampled_from(["America/New_York", "America/Phoenix", "Pacific/Honolulu", "Asia/Kolkata"]),
)
def test_whoever_heeds_every_decision_never_breaks_a_cap_or_a_quiet_hour(hours: list[int], zone: str) -> None:
    sent: list[datetime] = []
    there = ZoneInfo(zone)
    for hour in hours:
        now = datetime(2026, 3, 4, tzinfo=UTC) + timedelta(hours=hour)
        moment = Moment(now=now, zone=there)
        found = decide(NoticeKind.REFILL, [standing(Channel.SMS, *sent)], moment, USUAL)
        waits = 0
        while isinstance(found, Wait):
            # Quiet hours may end before a cap does, in the night of a clock change by an hour; no more than that.
            assert found.until > moment.now
            waits += 1
            moment = Moment(now=found.until, zone=there)
            found = decide(NoticeKind.REFILL, [standing(Channel.SMS, *sent)], moment, USUAL)
        assert waits <= 3
        if waits:
            continue
        if isinstance(found, Go):
            sent.append(now)

    assert all(time(9) <= at.astimezone(there).time() < time(20) for at in sent)
    days = [local_day(at, there) for at in sent]
    assert len(set(days)) == len(days)
    for at in sent:
        assert sum(at - timedelta(days=7) < each <= at for each in sent) <= 3


@pytest.mark.parametrize(
    "looser",
    [
        {"opens": time(7, 59)},
        {"closes": time(21, 1)},
        {"most_a_day": 2},
        {"most_a_week": 4},
        {"closes": time(9)},
    ],
)
def test_no_setting_is_looser_than_the_law(looser: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"08:00|No more than"):
        NoticePolicy(**looser)  # type: ignore[arg-type]


def test_a_setting_is_read_into_the_policy() -> None:
    setting = {
        "opens": "08:00",
        "follow_ups": [0, 7],
        "back_off_minutes": [1, 2],
        "week_days": 7,
        "check_in_day": 3,
    }

    policy = notice_policy(setting)

    assert (policy.opens, policy.follow_ups, policy.check_in_day) == (time(8), (0, 7), 3)
    assert policy.back_off == (timedelta(minutes=1), timedelta(minutes=2))


@pytest.mark.parametrize(("days", "asked_on"), [(None, 4), (16, 4), (4, 4), (3, 2), (2, 1), (1, 1)])
def test_the_patient_is_asked_on_the_fourth_day_or_in_the_middle_of_a_shorter_step(
    days: int | None, asked_on: int
) -> None:
    assert check_in_day(days) == asked_on


@pytest.mark.parametrize("case_id", ["REF-08"])
def test_a_lapsed_prescription_is_recalled_to_mind_for_90_days(case_id: str) -> None:
    worked = case(case_id)
    lapsed_on = date.fromisoformat(worked.inputs["lapsed_on"])

    allowed = [is_still_a_reminder(lapsed_on, date.fromisoformat(day)) for day in worked.inputs["send_on"]]

    assert allowed == worked.expected["allowed_as_refill_reminder"]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("STOP", Intent.STOP),
        (" stop. ", Intent.STOP),
        ("End", Intent.STOP),
        ("CANCEL", Intent.STOP),
        ("Unsubscribe!", Intent.STOP),
        ("quit", Intent.STOP),
        ("Revoke", Intent.STOP),
        ("OPT OUT", Intent.STOP),
        ("opt-out", Intent.STOP),
        ("please don't text me any more", Intent.STOP),
        ("Don’t message me", Intent.STOP),
        ("No more messages please", Intent.STOP),
        ("Please stop sending me these", Intent.STOP),
        ("take me off your list", Intent.STOP),
        ("you have the wrong number", Intent.STOP),
        ("baja", Intent.STOP),
        ("START", Intent.START),
        ("unstop", Intent.START),
        ("Help", Intent.HELP),
        ("1", Intent.REFILL),
        ("1.", Intent.REFILL),
        ("11", Intent.OTHER),
        ("When will it arrive?", Intent.OTHER),
        ("I cannot start before Monday", Intent.OTHER),
        ("thank you", Intent.OTHER),
    ],
)
def test_a_text_message_is_understood(said: str, wanted: Intent) -> None:
    assert intent_of(said) is wanted


def test_a_wrong_number_is_told_from_a_wish_to_stop() -> None:
    assert is_wrong_number("Wrong number!")
    assert not is_wrong_number("STOP")


@pytest.mark.parametrize("kind", sorted(set(NoticeKind) - {NoticeKind.RENEWAL, NoticeKind.STEP}))
def test_every_text_message_is_one_message_with_the_pharmacy_and_the_way_out(kind: NoticeKind) -> None:
    for link in (LINK, None):
        said = sms_text(notice_text(kind, HOUSE), link)
        assert said is not None
        assert fits_sms(said)
        assert HOUSE.name in said
        assert HOUSE.phone in said
        assert said.endswith("STOP to opt out.")


def test_a_link_that_does_not_fit_is_left_out_and_words_that_do_not_fit_are_none() -> None:
    text = NoticeText("s", "short body", link_words="w", short="x" * 80)
    assert sms_text(text, LINK) == "short body STOP to opt out."
    assert sms_text(NoticeText("s", "b" * 150), None) is None
    assert sms_text(NoticeText("s", "no emoji \N{BELL}"), None) is None


def test_a_text_message_counts_places_and_not_letters() -> None:
    assert fits_sms("[" * 80)
    assert not fits_sms("[" * 81)
    assert not fits_sms("\N{CYRILLIC SMALL LETTER A}")


def test_what_a_patient_reports_leads_to_the_adjustments_in_their_order() -> None:
    first = {answer: str(suggestion.options[0]) for answer, suggestion in SUGGESTIONS.items()}

    assert first[CheckInAnswer.VIVID_DREAMS] == "move_time_of_day"
    assert first[CheckInAnswer.STOMACH] == "stay"
    assert set(SUGGESTIONS) == set(CheckInAnswer) - {CheckInAnswer.FINE}
    assert "move time of day, then" in task_wording(CheckInAnswer.VIVID_DREAMS, 2)
