"""What the town's own verbs are called on the audit page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .audit import name_verbs

name_verbs(
    {
        "signed_in": _("登录"),
        "signed_out": _("退出"),
        "sign_in_failed": _("登录失败"),
        "proof_failed": _("再次验证失败"),
        "locked_out": _("账号锁定"),
        "address_limited": _("同一网络登录失败过多"),
        "unlocked": _("解锁"),
        "signed_out_everywhere": _("在所有设备上退出"),
        "session_ended": _("结束一处登录"),
        "password_changed": _("更换密码"),
        "password_reset": _("重置密码"),
        "second_factor_enrolled": _("绑定验证器"),
        "second_factor_dropped": _("解除验证器"),
        "second_factor_reset": _("重置验证器"),
        "recovery_codes_renewed": _("换备用码"),
        "recovery_code_used": _("使用备用码"),
        "staff_added": _("添加人员"),
        "staff_edited": _("更正人员信息"),
        "staff_retired": _("停用账号"),
        "staff_readmitted": _("恢复账号"),
        "department_added": _("添加单位"),
        "token_issued": _("发密钥"),
        "token_revoked": _("作废密钥"),
        "duty_given": _("安排职责"),
        "duty_ended": _("结束职责"),
        "absence_noted": _("登记请假"),
        "absence_ended": _("结束请假"),
        "shift_planned": _("排班"),
        "shift_dropped": _("取消班次"),
        "place_added": _("添加地点"),
        "place_renamed": _("地点改名"),
        "place_closed": _("停用地点"),
        "place_merged": _("合并地点"),
        "place_redated": _("更改地点日期"),
        "place_split": _("拆分网格"),
        "resident_added": _("登记居民"),
        "resident_edited": _("更正居民信息"),
        "resident_erased": _("删除身份信息"),
        "phone_added": _("添加号码"),
        "phone_removed": _("移除号码"),
        "household_added": _("登记住户"),
        "household_edited": _("更正住户"),
        "residents_handed_in": _("交来名册"),
        "residents_added": _("名册登记居民"),
        "residents_imported": _("名册导入完成"),
        "residents_list_dropped": _("放弃名册"),
        "reveal": _("查看脱敏信息"),
        "reveal_refused": _("查看超过上限，未显示"),
        "audit_pruned": _("审计日志到期删除"),
        "retained_no_longer": _("到期删除"),
        "keys_rotated": _("更换数据密钥"),
        "demo_built": _("生成演示数据"),
    }
)
