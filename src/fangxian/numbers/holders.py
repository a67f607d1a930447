"""Who answers at the service numbers that the whole country knows, list by list.

Each list says where its names come from and when it was last gone through, for callers to show.
No list is complete, and none need be: a number without a name is still known by its class
(short_codes.py). Numbers of a single province or city are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple


class Named(NamedTuple):
    """Who answers at a number, in both languages."""

    zh: str
    en: str


class Source(NamedTuple):
    """Where a list comes from, in both languages, and the day it was last gone through."""

    zh: str
    en: str
    as_of: date


class Listed(NamedTuple):
    """Numbers with their holders' names, and where these are from."""

    source: Source
    codes: Mapping[str, Named]


AS_OF = date(2026, 11, 28)

EMERGENCY = Listed(
    Source("国家紧急号码（电信网编号计划）", "national emergency numbers (numbering plan)", AS_OF),
    {
        "110": Named("报警", "police emergency"),
        "119": Named("火警", "fire service"),
        "120": Named("急救", "ambulance"),
        "122": Named("交通事故报警", "traffic police"),
        "12110": Named("短信报警", "police by text message"),
        "12119": Named("森林火警", "forest fire alarm"),
        "12122": Named("高速公路救援", "motorway rescue"),
        "12395": Named("水上遇险求救", "maritime rescue"),
    },
)

GOVERNMENT = Listed(
    Source("主管部门公布的全国统一号码", "national numbers published by the authorities", AS_OF),
    {
        "96110": Named("反诈预警劝阻专线", "anti-fraud warning line"),
        "12381": Named("涉诈预警劝阻短信", "fraud warning by text message"),
        "12321": Named("不良信息举报", "unwanted message reports"),
        "12377": Named("网络违法和不良信息举报", "illegal online content reports"),
        "12345": Named("政务服务热线", "government service line"),
        "12300": Named("电信用户申诉", "telecom user complaints"),
        "12301": Named("旅游服务", "tourism service"),
        "12305": Named("邮政业用户申诉", "postal user complaints"),
        "12306": Named("铁路客服", "railway service"),
        "12308": Named("领事保护", "consular protection"),
        "12309": Named("检察服务", "procuratorate service"),
        "12310": Named("机构编制举报", "public staffing reports"),
        "12312": Named("商务举报投诉", "commerce complaints"),
        "12313": Named("烟草市场举报", "tobacco market reports"),
        "12314": Named("水利监督举报", "water resources reports"),
        "12315": Named("市场监管投诉", "consumer complaints"),
        "12316": Named("农业服务", "farming service"),
        "12317": Named("防止返贫监督", "poverty relief oversight"),
        "12318": Named("文化市场举报", "culture market reports"),
        "12319": Named("城建服务", "city management service"),
        "12320": Named("公共卫生", "public health line"),
        "12322": Named("防震减灾服务", "earthquake service"),
        "12325": Named("粮食流通监管", "grain market oversight"),
        "12326": Named("民航服务监督", "civil aviation complaints"),
        "12328": Named("交通运输服务监督", "transport service complaints"),
        "12329": Named("住房公积金", "housing fund"),
        "12330": Named("知识产权维权", "intellectual property aid"),
        "12333": Named("人社服务", "labour and social security"),
        "12336": Named("自然资源违法举报", "land violation reports"),
        "12338": Named("妇女维权", "women's rights line"),
        "12339": Named("国家安全举报", "state security reports"),
        "12340": Named("社情民意调查", "official opinion surveys"),
        "12348": Named("法律服务", "legal aid"),
        "12349": Named("民政服务", "civil affairs service"),
        "12350": Named("安全生产举报", "work safety reports"),
        "12351": Named("工会职工维权", "trade union line"),
        "12355": Named("青少年服务", "youth line"),
        "12356": Named("心理援助", "mental health line"),
        "12360": Named("海关服务", "customs service"),
        "12363": Named("金融消费投诉", "financial consumer complaints"),
        "12366": Named("税务服务", "tax service"),
        "12367": Named("移民管理服务", "immigration service"),
        "12368": Named("法院诉讼服务", "court service"),
        "12369": Named("环保举报", "environment reports"),
        "12371": Named("党员咨询", "party member service"),
        "12378": Named("银行保险投诉", "bank and insurance complaints"),
        "12379": Named("突发事件预警发布", "emergency alerts"),
        "12380": Named("组织部门举报", "organisation department reports"),
        "12385": Named("残疾人服务", "disabled persons' line"),
        "12386": Named("证券投诉", "securities complaints"),
        "12388": Named("纪检监察举报", "discipline inspection reports"),
        "12389": Named("公安机关举报", "complaints about police"),
        "12390": Named("扫黄打非举报", "illegal publication reports"),
        "12393": Named("医保服务", "health insurance service"),
        "12398": Named("能源监管投诉", "energy complaints"),
        "12121": Named("天气预报", "weather forecast"),
        "12123": Named("交管服务", "traffic administration"),
    },
)

CARRIERS = Listed(
    Source("运营商公布的客服号码", "service numbers published by the carriers", AS_OF),
    {
        "10000": Named("中国电信客服", "China Telecom"),
        "10001": Named("中国电信自助服务", "China Telecom self-service"),
        "10010": Named("中国联通客服", "China Unicom"),
        "10011": Named("中国联通自助服务", "China Unicom self-service"),
        "10015": Named("中国联通服务监督", "China Unicom complaints"),
        "10080": Named("中国移动服务监督", "China Mobile complaints"),
        "10085": Named("中国移动外呼", "China Mobile outbound calls"),
        "10086": Named("中国移动客服", "China Mobile"),
        "10099": Named("中国广电客服", "China Broadnet"),
        "114": Named("查号台", "directory enquiries"),
    },
)

BANKS = Listed(
    Source("银行和支付机构公布的客服号码", "numbers published by banks and payment firms", AS_OF),
    {
        "95588": Named("工商银行", "ICBC"),
        "95599": Named("农业银行", "Agricultural Bank of China"),
        "95566": Named("中国银行", "Bank of China"),
        "95533": Named("建设银行", "China Construction Bank"),
        "95559": Named("交通银行", "Bank of Communications"),
        "95580": Named("邮储银行", "Postal Savings Bank"),
        "95593": Named("国家开发银行", "China Development Bank"),
        "95555": Named("招商银行", "China Merchants Bank"),
        "95558": Named("中信银行", "China CITIC Bank"),
        "95595": Named("光大银行", "China Everbright Bank"),
        "95577": Named("华夏银行", "Hua Xia Bank"),
        "95568": Named("民生银行", "China Minsheng Bank"),
        "95508": Named("广发银行", "China Guangfa Bank"),
        "95528": Named("浦发银行", "SPD Bank"),
        "95561": Named("兴业银行", "Industrial Bank"),
        "95527": Named("浙商银行", "China Zheshang Bank"),
        "95541": Named("渤海银行", "China Bohai Bank"),
        "95395": Named("恒丰银行", "Hengfeng Bank"),
        "95526": Named("北京银行", "Bank of Beijing"),
        "95594": Named("上海银行", "Bank of Shanghai"),
        "95319": Named("江苏银行", "Bank of Jiangsu"),
        "95302": Named("南京银行", "Bank of Nanjing"),
        "95574": Named("宁波银行", "Bank of Ningbo"),
        "95398": Named("杭州银行", "Bank of Hangzhou"),
        "95507": Named("成都银行", "Bank of Chengdu"),
        "95337": Named("盛京银行", "Shengjing Bank"),
        "95537": Named("哈尔滨银行", "Harbin Bank"),
        "95389": Named("重庆农商行", "Chongqing Rural Commercial Bank"),
        "95384": Named("微众银行", "WeBank"),
        "95516": Named("中国银联", "UnionPay"),
        "95188": Named("支付宝", "Alipay"),
        "95017": Named("财付通", "Tenpay"),
    },
)

INSURERS = Listed(
    Source("保险和证券公司公布的客服号码", "numbers published by insurers and brokers", AS_OF),
    {
        "95518": Named("人保", "PICC"),
        "95519": Named("中国人寿", "China Life"),
        "95511": Named("中国平安", "Ping An"),
        "95500": Named("太平洋保险", "CPIC"),
        "95522": Named("泰康保险", "Taikang Insurance"),
        "95567": Named("新华保险", "New China Life"),
        "95589": Named("中国太平", "China Taiping"),
        "95510": Named("阳光保险", "Sunshine Insurance"),
        "95585": Named("中华保险", "China United Insurance"),
        "95590": Named("大地保险", "China Continent Insurance"),
        "95569": Named("大家保险", "Dajia Insurance"),
        "95535": Named("富德生命人寿", "Funde Sino Life"),
        "95515": Named("合众人寿", "Union Life"),
        "95596": Named("民生保险", "Minsheng Life"),
        "95509": Named("华泰保险", "Huatai Insurance"),
        "95556": Named("华安保险", "Sinosafe Insurance"),
        "95502": Named("永安保险", "Yong An Insurance"),
        "95591": Named("人保健康", "PICC Health"),
        "95521": Named("国泰海通证券", "Guotai Haitong Securities"),
        "95553": Named("国泰海通证券（原海通）", "Guotai Haitong Securities (formerly Haitong)"),
        "95548": Named("中信证券", "CITIC Securities"),
        "95551": Named("银河证券", "China Galaxy Securities"),
        "95565": Named("招商证券", "China Merchants Securities"),
        "95575": Named("广发证券", "GF Securities"),
        "95597": Named("华泰证券", "Huatai Securities"),
        "95587": Named("中信建投证券", "China Securities"),
        "95536": Named("国信证券", "Guosen Securities"),
        "95523": Named("申万宏源证券", "Shenwan Hongyuan Securities"),
        "95562": Named("兴业证券", "Industrial Securities"),
        "95525": Named("光大证券", "Everbright Securities"),
        "95503": Named("东方证券", "Orient Securities"),
        "95538": Named("中泰证券", "Zhongtai Securities"),
        "95579": Named("长江证券", "Changjiang Securities"),
        "95571": Named("方正证券", "Founder Securities"),
        "95357": Named("东方财富证券", "East Money Securities"),
    },
)

SERVICES = Listed(
    Source("企业公布的客服号码", "service numbers published by the companies", AS_OF),
    {
        "11183": Named("邮政速递", "EMS"),
        "11185": Named("邮政客服", "postal service"),
        "95338": Named("顺丰速运", "SF Express"),
        "95311": Named("中通快递", "ZTO Express"),
        "95554": Named("圆通速递", "YTO Express"),
        "95546": Named("韵达快递", "Yunda Express"),
        "95543": Named("申通快递", "STO Express"),
        "95353": Named("德邦快递", "Deppon Express"),
        "956025": Named("极兔速递", "J&T Express"),
        "950616": Named("京东物流", "JD Logistics"),
        "950618": Named("京东客服", "JD.com"),
        "9510211": Named("淘宝客服", "Taobao"),
        "95010": Named("携程", "Trip.com Group"),
        "95583": Named("中国国航", "Air China"),
        "95530": Named("东方航空", "China Eastern Airlines"),
        "95539": Named("南方航空", "China Southern Airlines"),
        "95339": Named("海南航空", "Hainan Airlines"),
        "95361": Named("深圳航空", "Shenzhen Airlines"),
        "95557": Named("厦门航空", "Xiamen Airlines"),
        "95378": Named("四川航空", "Sichuan Airlines"),
        "95524": Named("春秋航空", "Spring Airlines"),
        "95598": Named("供电服务", "electricity supply"),
        "95504": Named("中国石油", "PetroChina"),
        "95022": Named("高速公路 ETC 客服", "motorway ETC service"),
    },
)

LISTS: tuple[Listed, ...] = (EMERGENCY, GOVERNMENT, CARRIERS, BANKS, INSURERS, SERVICES)
