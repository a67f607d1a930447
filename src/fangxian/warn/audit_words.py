"""What the first line's verbs are called on the audit page; those of webhooks and of changes in the
town are named beside their actions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from fangxian.town.audit import name_verbs

name_verbs(
    {
        "sender": _("新增来文单位"),
        "hand_in": _("交来名单"),
        "set_columns": _("更正名单的列"),
        "forget_columns": _("忘掉来文单位的列"),
        "confirm": _("确认名单"),
        "cancel": _("放弃名单"),
        "imported": _("名单导入完成"),
        "assign": _("派给某人"),
        "claim": _("领取"),
        "release": _("放回"),
        "call": _("记下电话"),
        "visit": _("记下上门"),
        "order_visit": _("安排上门"),
        "found": _("找到此人"),
        "not_found": _("没有找到此人"),
        "joined": _("并入另一件警情"),
        "follow_up": _("记下回访"),
        "stop_payment": _("开始止付"),
        "stop_step": _("止付步骤"),
        "stop_payment_ended": _("结束止付"),
        "review": _("复核警情"),
        "close": _("办结"),
        "note": _("备注"),
        "message": _("发短信"),
        "clock_ran_out": _("超时告警"),
        "alarm_seen": _("看到告警"),
        "case": _("登记案件"),
        "change_case": _("更正案件"),
        "withdraw_case": _("撤回案件"),
        "answer_sender": _("反馈来文单位"),
        "export": _("导出"),
        "set_clock": _("更改时限"),
        "set_hours": _("更改工作时间"),
        "days_off_added": _("添加休息日"),
        "day_off_dropped": _("去掉休息日"),
        "wall_hung": _("挂大屏"),
        "wall_taken_down": _("摘下大屏"),
        "signal": _("收到预警"),
        "graded": _("定级"),
        "kind_changed": _("骗局类型变了"),
    }
)
