"""What the first line's verbs are called on the audit page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from fangxian.town.audit import name_verbs

name_verbs(
    {
        # Intake
        "sender": _("新增来文单位"),
        "hand_in": _("交来名单"),
        "set_columns": _("更正名单的列"),
        "forget_columns": _("忘掉来文单位的列"),
        "confirm": _("确认名单"),
        "cancel": _("放弃名单"),
        "imported": _("名单导入完成"),
        "signal": _("收到预警"),
        "graded": _("定级"),
        "kind_changed": _("更改诈骗类型"),
        # Tasks and clocks
        "assign": _("派任务"),
        "claim": _("领取"),
        "release": _("放回"),
        "clock_ran_out": _("超时上报"),
        "alarm_seen": _("看到超时"),
        # The call, the door, the payment
        "call": _("通话"),
        "message": _("发短信"),
        "order_visit": _("安排上门"),
        "visit": _("上门"),
        "found": _("找到居民"),
        "joined": _("并入另一件警情"),
        "not_found": _("没有找到居民"),
        "stop_payment": _("开始止付"),
        "stop_step": _("止付步骤"),
        "stop_payment_ended": _("止付结束"),
        # After
        "note": _("加备注"),
        "follow_up": _("回访"),
        "review": _("复核"),
        "close": _("办结"),
        "answer_sender": _("反馈来文单位"),
        "case": _("登记案件"),
        "change_case": _("更正案件"),
        "withdraw_case": _("撤回案件"),
        # The rest
        "export": _("导出"),
        "set_clock": _("更改时限"),
        "set_hours": _("更改工作时间"),
        "days_off_added": _("添加休息日"),
        "day_off_dropped": _("取消休息日"),
        "wall_hung": _("挂大屏"),
        "wall_taken_down": _("取下大屏"),
        "webhook": _("登记回调"),
        "webhook_ended": _("停用回调"),
        "moved_along": _("随地区变动转移"),
        "forgotten": _("清除已删除身份者的记录"),
    }
)
