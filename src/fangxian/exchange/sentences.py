"""Every sentence the exchange says to a person, in both languages.

One entry per code: what is wrong and what was expected, or what to do. `{value}` is the text at
fault; other braces are the parameters that the code is raised with.
"""

from __future__ import annotations

from collections.abc import Mapping

from .column_sentences import COLUMNS, both

_FILES = {
    "file_blank": both("文件里没有内容", "There is nothing in the file"),
    "file_no_rows": both(
        "只找到表头，没有数据行；请检查名单是否在另一张表里",
        "Only a header was found, no rows; is the list on another sheet?",
    ),
    "file_size": both(
        "文件超过 {most} MB；请把名单拆成几份，或删去图片和无关的表",
        "The file is larger than {most} MB; split the list, or remove pictures and other sheets",
    ),
    "file_rows": both(
        "名单有 {rows} 行，一次最多 {most} 行；请拆成几份",
        "The list has {rows} rows; {most} at most at a time. Please split it",
    ),
    "file_columns": both(
        "表有 {columns} 列，最多 {most} 列；请只保留名单需要的列",
        "The table has {columns} columns; {most} at most. Please keep only those of the list",
    ),
    "file_reach": both(
        "表的内容一直延伸到第 {row} 行、第 {columns} 列；请删去名单以外的内容，另存后再交",
        "The sheet reaches to row {row} and column {columns}; remove what does not belong to the "
        "list, save it and hand it in again",
    ),
    "file_bomb": both(
        "文件解开后超过 {most} MB，没有打开；请只保留名单所在的表，另存为 xlsx",
        "Unpacked, the file is larger than {most} MB and was not opened; keep only the list's "
        "sheet and save it as xlsx",
    ),
    "file_damaged": both(
        "文件已损坏，读不出来；请用表格软件打开，另存为 xlsx 后再交",
        "The file is damaged; open it in a spreadsheet program, save it as xlsx, hand it in again",
    ),
    "file_not_workbook": both(
        "这是压缩包或其他文档，不是表格；请解压后交 xlsx 或 csv，其他格式请另存为 xlsx",
        "This is an archive or another kind of document, not a table; unpack it and hand in xlsx "
        "or csv, or save it as xlsx",
    ),
    "file_archive": both(
        "这是压缩包；请解压后交里面的 xlsx 或 csv",
        "This is an archive; unpack it and hand in the xlsx or csv inside",
    ),
    "file_xls": both(
        "这是旧版表格（xls 或 et）；请用表格软件打开，另存为 xlsx 后再交",
        "This is a spreadsheet of the old kind (xls or et); open it and save it as xlsx",
    ),
    "file_password": both(
        "文件设了打开密码；请去掉密码，另存后再交",
        "The file is protected by a password; remove it, save, and hand it in again",
    ),
    "file_pdf": both(
        "这是 PDF，不是表格；请向发件单位要 xlsx 或 csv，或把表格复制后粘贴",
        "This is a PDF, not a table; ask its sender for xlsx or csv, or copy the table and paste it",
    ),
    "file_document": both(
        "这是文字文档，不是表格；请把里面的表格复制后粘贴，或另存为 xlsx",
        "This is a text document, not a table; copy the table in it and paste it, or save as xlsx",
    ),
    "file_picture": both(
        "这是图片，不是表格；请向发件单位要 xlsx 或 csv",
        "This is a picture, not a table; ask its sender for xlsx or csv",
    ),
    "file_web_page": both(
        "这是网页格式的表（有的系统导出时仍叫 xls）；请用表格软件打开，另存为 xlsx",
        "This is a table saved as a web page (some systems still call it xls); open it in a "
        "spreadsheet program and save it as xlsx",
    ),
    "file_encoding": both(
        "读不出文字编码；请用表格软件打开，另存为 xlsx，或另存为 UTF-8 的 csv",
        "The text encoding is unknown; open it in a spreadsheet program and save it as xlsx, or "
        "as csv in UTF-8",
    ),
    "file_binary": both(
        "这不是表格，或文字已损坏；请交 xlsx 或 csv",
        "This is no table, or its text is damaged; please hand in xlsx or csv",
    ),
    "file_no_header": both(
        "没有找到表头，各列按内容推测，请核对",
        "No header was found; columns were guessed by their content, please check",
    ),
    "file_other_sheets": both(
        "工作簿有几张表，只读了“{sheet}”；没有读：{others}",
        "The workbook has several sheets; only “{sheet}” was read, not: {others}",
    ),
    "file_open_quote": both(
        "有引号没有配对，这一行的引号按普通文字读，请核对。所在行：{rows}",
        "A quotation mark is never closed; on its row quotation marks were read as plain text. "
        "Please check. Rows: {rows}",
    ),
    "file_error_cells": both(
        "有 {count} 个单元格是公式错误（如 {first}），按空白读",
        "{count} cells hold a formula error (such as {first}) and were read as blank",
    ),
    "file_skipped_total": both(
        "跳过 {count} 行合计或附注",
        "Skipped {count} rows with totals or footnotes",
    ),
    "file_skipped_header": both("跳过 {count} 行重复的表头", "Skipped {count} repeated headers"),
    "file_skipped_blank": both("跳过 {count} 行空行", "Skipped {count} blank rows"),
}

_PHONES = {
    "phone_length": both(
        "{value} 只有 {digits} 位，应为 11 位手机号或带区号的座机",
        "{value} has only {digits} digits; expected a mobile number of 11 digits or a landline "
        "with its area code",
    ),
    "phone_too_long": both(
        "{value} 有 {digits} 位，应为 11 位手机号或带区号的座机；两个号码请用顿号隔开",
        "{value} has {digits} digits; expected a mobile number of 11 digits or a landline with its "
        "area code. Put a comma between two numbers",
    ),
    "phone_form": both(
        "{value} 不是手机号（应以 1 开头），也不是带区号的座机",
        "{value} is neither a mobile number (which begins with 1) nor a landline with its area code",
    ),
    "phone_area_code": both(
        "{value} 是没有区号的座机，请补上区号，如 023",
        "{value} is a landline without area code; please add it, such as 023",
    ),
    "phone_none": both(
        "{value} 里没有电话号码，应为 11 位手机号或带区号的座机",
        "{value}: no phone number; expected a mobile number of 11 digits or a landline with its "
        "area code",
    ),
    "phone_service": both(
        "{value} 是服务号码（{name_zh}），不是居民的电话",
        "{value} is a service number ({name_en}), not a resident's phone",
    ),
    "phone_masked": both(
        "{value} 被遮去几位，无法拨打；请向发件单位要完整号码",
        "{value} is partly hidden and cannot be called; ask the sender for the whole number",
    ),
    "phone_scientific": both(
        "{value} 是表格软件的科学计数，末几位已丢失；请把该列改为文本格式后重新导出",
        "{value} is scientific notation of a spreadsheet and has lost its last digits; format the "
        "column as text and export it again",
    ),
    "phone_is_id": both(
        "这里像是身份证号，不是电话；请检查列是否对应",
        "This looks like an ID number, not a phone; please check which column is which",
    ),
}

_DATES = {
    "date_form": both(
        "{value} 不是日期，应如 2026-03-05 14:30 或 2026年3月5日",
        "{value} is no date; expected something like 2026-03-05 14:30",
    ),
    "date_impossible": both(
        "{value} 没有这一天或这个时刻，应如 2026-03-05 14:30",
        "{value}: there is no such day or time; expected something like 2026-03-05 14:30",
    ),
    "date_only_time": both(
        "{value} 只有时刻，没有日期，应如 2026-03-05 14:30",
        "{value} is a time without a day; expected something like 2026-03-05 14:30",
    ),
    "date_ambiguous": both(
        "{value} 分不清月和日，请写成 2026-03-05",
        "{value}: day and month cannot be told apart; please write 2026-03-05",
    ),
    "date_too_old": both(
        "{value} 早于 2000 年，请核对年份", "{value} is before the year 2000; please check the year"
    ),
    "date_future": both(
        "{value} 在将来，请核对日期", "{value} is in the future; please check the date"
    ),
}

_PEOPLE = {
    "id_length": both(
        "身份证号有 {digits} 位，应为 18 位", "The ID number has {digits} characters; expected 18"
    ),
    "id_form": both(
        "身份证号应为 17 位数字加一位数字或 X",
        "An ID number is 17 digits and a last digit or X",
    ),
    "id_birth": both(
        "身份证号里的出生日期不成立，请核对",
        "The birth date inside the ID number is impossible; please check",
    ),
    "id_check": both(
        "身份证号末位校验不符，可能有错字，请核对",
        "The last character of the ID number does not match the others; please check for a typing "
        "error",
    ),
    "id_rounded": both(
        "身份证号被表格软件当作数字，末几位已丢失；请把该列改为文本格式后重新填写",
        "A spreadsheet stored the ID number as a number and lost its last digits; format the "
        "column as text and fill it in again",
    ),
    "id_masked": both("身份证号被遮去几位", "The ID number is partly hidden"),
    "name_masked": both("姓名不完整（{value}）", "The name is incomplete ({value})"),
    "name_is_number": both(
        "{value} 不是姓名；请检查列是否对应",
        "{value} is no name; please check which column is which",
    ),
    "name_long": both(
        "{value} 作为姓名太长；请检查列是否对应",
        "{value} is too long for a name; please check which column is which",
    ),
    "paid_unknown": both(
        "{value} 看不出是否已转账，应为 是 或 否",
        "{value} does not say whether money was sent; expected yes or no",
    ),
    "loss_form": both(
        "{value} 不是金额，应如 5000 或 1.2万元",
        "{value} is no amount; expected something like 5000 or 1.2万元",
    ),
    "grade_unknown": both(
        "{value} 不是认得的风险等级，应如 高、中、低 或 红、橙、黄、蓝",
        "{value} is no risk level we know; expected high, medium, low or red, orange, yellow, blue",
    ),
}

_ROWS = {
    "row_no_contact": both(
        "没有可用的电话，也没有姓名加住址，找不到人",
        "No usable phone, and no name with an address: the person cannot be found",
    ),
    "row_repeats": both("与第 {row} 行是同一个电话", "Same phone as row {row}"),
    "row_repeats_person": both(
        "与第 {row} 行是同一个人（姓名和住址相同）", "Same person as row {row} (name and address)"
    ),
    "row_no_name": both("没有姓名", "No name"),
    "row_no_address": both("没有住址，也没有村（社区）", "No address and no village"),
    "row_no_phone": both("没有电话，需要上门找人", "No phone; somebody has to go and look"),
    "row_own_number": both(
        "涉诈号码与居民电话相同，请核对",
        "The suspect number is the resident's own phone; please check",
    ),
}

# Said by the intake, which knows the town and what came before; kept here so that the file of
# refused rows has one source of sentences.
_INTAKE = {
    "outside_area": both("{value} 不在{town}范围内", "{value} is not in {town}"),
    "outside_region": both(
        "{value} 写的是{region}，不在{town}范围内；确实住在{town}的，请改正后再交",
        "{value} says {region}, which is not in {town}; correct it and hand it in again if the "
        "person does live in {town}",
    ),
    "likely_village": both(
        "{value} 不是认得的村（社区），可能是{village}，请核对",
        "{value} is no village or community we know; perhaps {village}? Please check",
    ),
    "unknown_area": both(
        "{value} 不是认得的村（社区）", "{value} is no village or community we know"
    ),
    "known_before": both("这条预警以前已收到", "This warning was received before"),
    "already_in_batch": both(
        "这条预警已在第 {batch} 批名单中", "This warning is already in list {batch}"
    ),
    "refused": both("{reason}", "{reason}"),
}

SENTENCES: Mapping[str, Mapping[str, str]] = {
    **_FILES,
    **_PHONES,
    **_DATES,
    **_PEOPLE,
    **_ROWS,
    **_INTAKE,
    **COLUMNS,
}
