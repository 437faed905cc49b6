using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibTorch.Tests.Modules;

/// <summary>Initial values drawn from seed 7, against PyTorch 1.13.1's draws from the same seed.</summary>
public sealed class InitTests
{
    public static TheoryData<string, double[]> Functions =>
        new()
        {
            {
                "xavier_uniform",
                [0.7687570638662047, -3.293676784483296, -0.5126735524919623, -0.4476791161405958, 24.0]
            },
            {
                "xavier_normal",
                [3.8608066018023353, 3.467691858388587, 0.029635744678296865, 0.1568853347408762, 24.0]
            },
            {
                "kaiming_uniform",
                [0.6616407345851378, -2.834745629798623, -0.441239140187192, -0.3853008358349741, 24.0]
            },
            { "kaiming_normal", [6.074175903954332, 5.455691647110632, 0.04662567820325903, 0.2468264324667224, 24.0] },
            { "orthogonal", [6.569781225688989, 3.845741110129018, 0.05380707637441784, 0.5155430011781228, 24.0] },
            {
                "orthogonal_wide",
                [3.4828187300007487, -0.44223530417881896, 0.020991187794260124, -0.19125451322750897, 24.0]
            },
            {
                "trunc_normal",
                [-0.9773760852296914, -1.1511383195237157, -0.22020305621393663, -0.1929161099626643, 24.0]
            },
            { "normal", [41.26605201921997, 14.967074900739615, 1.1325350793289988, 1.701612546306817, 24.0] },
            { "uniform", [25.323281469170276, -6.210405799616543, 0.11752171962561597, 0.2293983283300518, 24.0] },
        };

    public static TheoryData<string, double[]> Layers =>
        new()
        {
            {
                "Linear",
                [
                    0.16693592071533203,
                    -0.977459724424712,
                    0.03492254018783569,
                    0.050935208797454834,
                    12.0,
                    -0.5617514252662659,
                    -0.34898675140275914,
                    -0.21316099166870117,
                    -0.05490982532501221,
                    3.0,
                ]
            },
            {
                "Conv2d",
                [
                    1.1612534830346704,
                    -0.9319142875014479,
                    0.020162537693977356,
                    0.26512882113456726,
                    36.0,
                    -0.29768727719783783,
                    -0.12090334491422805,
                    -0.06423485279083252,
                    -0.07262946665287018,
                    3.0,
                ]
            },
            {
                "ConvTranspose2d",
                [
                    0.7457636101171374,
                    -0.5537126193714148,
                    0.013441692106425762,
                    -0.011436345987021923,
                    54.0,
                    -0.2363381297327578,
                    -0.11196557778994193,
                    -0.15206493437290192,
                    -0.08953153342008591,
                    3.0,
                ]
            },
            { "Embedding", [3.1427089869976044, 2.243184983162662, -0.1467950940132141, 1.3954508304595947, 15.0] },
            {
                "GRU",
                [
                    -1.0494839735329151,
                    -2.005375109751187,
                    0.04938792809844017,
                    -0.6037957668304443,
                    18.0,
                    -1.1694802790880203,
                    -0.19096716866852448,
                    -0.15734261274337769,
                    -0.3494805693626404,
                    6.0,
                ]
            },
        };

    [Theory]
    [MemberData(nameof(Functions))]
    public void Function_FromSeed_DrawsAsThePeer(string function, double[] expected)
    {
        using var scope = NewDisposeScope();
        var matrix = empty([6, 4], dtype: float64);
        manual_seed(7);

        var result = function switch
        {
            "xavier_uniform" => nn.init.xavier_uniform_(matrix, 1.5),
            "xavier_normal" => nn.init.xavier_normal_(matrix),
            "kaiming_uniform" => nn.init.kaiming_uniform_(
                matrix,
                mode: nn.init.FanInOut.FanOut,
                nonlinearity: nn.init.NonlinearityType.ReLU
            ),
            "kaiming_normal" => nn.init.kaiming_normal_(matrix, 0.1),
            "orthogonal" => nn.init.orthogonal_(matrix, 2.0),
            "orthogonal_wide" => Wide(matrix),
            "trunc_normal" => nn.init.trunc_normal_(matrix, 0.1, 0.5, -0.6, 0.4),
            "normal" => nn.init.normal_(matrix, 1, 2),
            "uniform" => nn.init.uniform_(matrix, -1, 3),
            _ => throw new ArgumentOutOfRangeException(nameof(function), function, "No such function."),
        };

        Assert.Same(matrix, result);
        Sample.AssertClose(expected, Sample.Digest(matrix), 1e-9);

        static Tensor Wide(Tensor tall)
        {
            nn.init.orthogonal_(tall.t());
            return tall;
        }
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void Layer_FromSeed_StartsAsThePeers(string layer, double[] expected)
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        nn.Module module = layer switch
        {
            "Linear" => nn.Linear(4, 3),
            "Conv2d" => nn.Conv2d(2, 3, (3, 2)),
            "ConvTranspose2d" => nn.ConvTranspose2d(2, 3, 3),
            "Embedding" => nn.Embedding(5, 3, padding_idx: 1),
            "GRU" => nn.GRU(3, 2),
            _ => throw new ArgumentOutOfRangeException(nameof(layer), layer, "No such layer."),
        };
        var parameters = module.parameters().ToArray();

        double[] actual =
            parameters.Length == 1
                ? Sample.Digest(parameters[0])
                : [.. Sample.Digest(parameters[0]), .. Sample.Digest(parameters[^1])];

        Sample.AssertClose(expected, actual, 1e-6);
    }

    [Fact]
    public void Normal_WithGenerator_LeavesTheGlobalStreamAlone()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        var expected = Sample.Values(rand(4));
        manual_seed(7);
        using var generator = new Generator(3);

        nn.init.normal_(empty(100), generator: generator);

        Assert.Equal(expected, Sample.Values(rand(4)));
    }

    [Fact]
    public void XavierUniform_OnVector_IsRefused() =>
        Assert.Throws<ArgumentException>(() => nn.init.xavier_uniform_(zeros(3)));
}
