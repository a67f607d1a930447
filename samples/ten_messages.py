"""Ten messages, and what the detector says of each: the script of the tutorial.

    python samples/ten_messages.py        # answers in Chinese
    python samples/ten_messages.py en     # in English

People, numbers and sites are invented; nobody can have the numbers.
"""

import sys

from fangxian.detect import check
from fangxian.detect.kinds import kind_name

MESSAGES = [
    # A notice of the police that quotes the swindlers, and a swindler who says it himself.
    "【示范县公安局】凡是自称公检法、要求把钱转到“安全账户”的，都是诈骗！有疑问请拨打96110。",
    "我是示范市公安局的民警，您名下的银行卡涉嫌洗钱，不要告诉家人，马上把钱转到安全账户核查。",
    # A bank's true message, and the operator's name before somebody else's site. The second went
    # through a converter that writes every character's pinyin behind it.
    "【建设银行】您尾号1234的卡11月28日10:05支出800.00元，余额2,310.55元。",
    "【中國移動】您的積(jī)分(fēn)即將(jiāng)過(guò)期(qī)，請(qǐng)登錄(lù) http://10086.cn-jf.example 兌(duì)換(huàn)現(xiàn)金(jīn)",
    # A child who needs money, and somebody who says to be one.
    "妈，生活费不够了，这周能先转我500吗？我晚上给你打电话。",
    "妈，我手机掉水里了，这是我新号，你先给我转5000块交学费，别告诉我爸。",
    # Disguise.
    "想赚零花的宝妈看过来，手机点点赞一单5元，多劳多得，加薇❤：abc12001",
    "老师带单，稳赚不赔，昨天群里的学员又提现三万八，想跟单的扫码进群，名额只剩3个",
    "您好，京东金条客服，您的校园贷没有注销，会影响征信，请打开屏幕共享我教您操作",
    "Your parcel is on hold due to an unpaid fee of $1.99. Pay now: http://post.pay-fee.example/a",
]


def main(language: str = "zh") -> None:
    """Print each message with its grade, its kind, and what was seen where."""
    for message in MESSAGES:
        verdict = check(message)
        kind = f" · {kind_name(verdict.kind).of(language)}" if verdict.kind else ""
        print(f"{message}\n  {verdict.grade.label.of(language)}{kind}")
        for reason in verdict.reasons[:3]:
            quoted = message[reason.start : reason.end]
            print(f"  {reason.weight:+.1f} {reason.says.of(language)} “{quoted}”")
        print()


if __name__ == "__main__":
    main(*sys.argv[1:2])
