using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibTorch.Tests.Modules;

/// <summary>Layers against PyTorch 1.13.1's figures for the same weights and inputs.</summary>
public sealed class LayerTests
{
    public static TheoryData<string, double[]> Outputs =>
        new()
        {
            { "Linear", [10.33496746477235, -4.61118659402581, 2.3000257347395068, 1.9523047964081566, 12.0] },
            {
                "LinearWithoutBias",
                [4.468214440239466, -4.345542844577315, 2.0045055280781674, 1.2780168847800115, 12.0]
            },
            { "Conv1d", [10.059297457594255, 0.6047645058967467, 1.0335214478990546, 0.7258439557358665, 32.0] },
            { "Conv1dSame", [51.31873226360608, -3.243749674984671, 0.90861083500302, 1.5842928285391142, 42.0] },
            { "Conv2d", [87.33246151782511, -4.430338254899502, 1.0704722607809747, 1.5642889559021425, 96.0] },
            { "Conv2dPair", [50.57412601410719, -2.5260081281827977, -0.1786184097666602, 0.9586453002469919, 90.0] },
            { "Conv2dSame", [137.3325118261978, 1.2682614978266327, -0.14764340030421214, 1.0001537990829887, 252.0] },
            { "Conv2dReflect", [156.110786421872, -4.643109557499877, -0.4825598429668004, 0.3312687820732546, 324.0] },
            {
                "Conv2dCircular",
                [17.322734281760894, 23.688263982050128, -1.3211394352713963, -1.737487347130215, 252.0]
            },
            {
                "ConvTranspose2d",
                [133.30118818876807, -1.5161015930760353, 1.470457609643664, 0.02901617554030994, 320.0]
            },
            { "BatchNorm1d", [11.429399122171098, 1.2159051703693828, 0.42288754939456946, 1.3899421280576745, 20.0] },
            { "BatchNorm2d", [35.20051814719731, 1.4480015842618925, -0.12784683595880578, 1.5106405536286935, 72.0] },
            { "LayerNorm", [18.43992890248787, 0.29819416852067704, 0.31133949126010907, 0.9650853456325666, 24.0] },
            {
                "LayerNormPlain",
                [-3.885780586188048e-16, -3.7729346822053103, -1.500967780722126, -1.6098702023751394, 24.0]
            },
            {
                "GroupNorm",
                [13.930914087753628, -2.0455600498885733, -0.27658749440650227, -0.05013996932836536, 24.0]
            },
            {
                "InstanceNorm2d",
                [58.667530245328855, -0.033021219433967075, 0.3834320915704603, 0.9329037903081995, 120.0]
            },
            {
                "InstanceNorm2dOne",
                [-4.440892098500626e-16, -0.19439697031873593, 0.2974818064128728, -0.2580990001541382, 60.0]
            },
            { "ReLU", [5.412383355758866, -0.3602454186382888, 0.29552020666133955, 0.0, 12.0] },
            { "LeakyReLU", [4.955161620879531, -0.14513517064269688, 0.29552020666133955, -0.18839105638164022, 12.0] },
            { "ELU", [4.273552434157493, 0.19985821328365427, 0.29552020666133955, -0.4270946441700784, 12.0] },
            { "GELU", [3.677265971535269, -0.22426807775671603, 0.18210006576109616, -0.16305977597277396, 12.0] },
            { "GELUTanh", [3.676485256233842, -0.22399072161839073, 0.1820977044044722, -0.163191969767703, 12.0] },
            { "Sigmoid", [6.738698821123249, -0.012244012702893492, 0.5733470305969233, 0.28050555400337374, 12.0] },
            { "Tanh", [2.566909720685184, 0.8851126249022727, 0.2872076583977838, -0.7361193130179989, 12.0] },
            { "SiLU", [2.965255509419476, -0.03720561690145585, 0.16943563297066813, -0.26422368819806397, 12.0] },
            { "Softmax", [2.9999999999999996, -0.4171383293370997, 0.16275222935355652, 0.16428511665591758, 12.0] },
            { "LogSoftmax", [-15.350731830571194, 1.3260407703348744, -1.2920933828424712, -2.4135049045788968, 12.0] },
            { "Softplus", [6.496461366755828, -0.23682077368917992, 0.5158561637739181, 0.07074741899324577, 12.0] },
            { "Flatten", [5.171212082025765, -0.7695899934381847, 0.29552020666133955, 0.5767771523167085, 24.0] },
            { "Unflatten", [5.171212082025765, -0.7695899934381847, 0.29552020666133955, 0.5767771523167085, 24.0] },
            { "Identity", [4.58110591956163, -1.1070635490015324, 0.29552020666133955, 0.8368987907984977, 6.0] },
            { "MaxPool1d", [5.1973933015738245, -0.6647528947066639, 0.6209859870365596, -0.4752270271347798, 16.0] },
            { "MaxPool2d", [26.294167473518726, -0.44740241701605477, 0.6209859870365596, 0.8017756005532275, 36.0] },
            { "MaxPool2dPair", [76.1510065238693, 1.7900370233801386, 0.29552020666133955, 0.5314068205625908, 96.0] },
            { "AvgPool2d", [-0.5503864488808086, -0.2022334124994442, 0.2618305311198087, -0.08446696424565918, 48.0] },
            {
                "AvgPool2dPair",
                [0.10978661701608174, 0.007315804199430009, -0.015335594363522156, -0.15628941139428573, 24.0]
            },
            {
                "AdaptiveAvgPool2d",
                [0.05847188050388162, -0.17131540532360923, 0.20885048951747107, -0.13038268619945126, 24.0]
            },
            { "Sequential", [32.28591306088122, 10.315405420655436, 10.434109887789282, 0.674287911628145, 6.0] },
        };

    public static TheoryData<string, double[]> WeightGradients =>
        new()
        {
            { "Linear", [13.930141929800115, 7.029013768787059, 1.4398804908356002, 1.0423449273565617, 15.0] },
            { "Conv2d", [0.8048525215493791, 8.932155175711948, -1.5495011593007848, -0.8716541988102459, 36.0] },
            { "ConvTranspose2d", [45.91972508392829, 10.615667730149411, 1.2520967796365592, 1.343507878765931, 36.0] },
            { "BatchNorm2d", [-1.3783218331854794, 3.872468903284971, 3.6731156137610808, -3.062009740175173, 3.0] },
            { "LayerNorm", [0.9564984232565704, -1.2291635537035137, -0.011141082398695877, 0.4682980480603513, 12.0] },
            { "GroupNorm", [1.5222337330357691, -0.425201966507065, -1.5507222476755929, 1.685213133234895, 4.0] },
        };

    [Theory]
    [MemberData(nameof(Outputs))]
    public void Call_WithKnownWeights_GivesThePeersOutput(string layer, double[] expected)
    {
        using var scope = NewDisposeScope();
        var (module, shape) = Make(layer);

        var output = Sample.Filled(module).call(Sample.Wave(0.37, shape));

        Sample.AssertClose(expected, Sample.Digest(output));
    }

    [Theory]
    [MemberData(nameof(WeightGradients))]
    public void Backward_ThroughLayer_GivesThePeersWeightGradient(string layer, double[] expected)
    {
        using var scope = NewDisposeScope();
        var (module, shape) = Make(layer);
        var output = Sample.Filled(module).call(Sample.Wave(0.37, shape));

        output.mul(Sample.Wave(0.5, output.shape)).sum().backward();

        Sample.AssertClose(expected, Sample.Digest(module.parameters().First().grad!));
    }

    [Fact]
    public void BatchNorm_AfterTwoBatches_NormalizesByItsRunningStatistics()
    {
        using var scope = NewDisposeScope();
        var layer = Sample.Filled(nn.BatchNorm1d(4, eps: 1e-3, momentum: 0.2));
        layer.call(Sample.Wave(0.37, 5, 4));
        layer.call(Sample.Wave(0.21, 5, 4));
        layer.eval();

        var output = layer.call(Sample.Wave(0.6, 5, 4));

        double[] expected =
        [
            0.30424802955818137,
            0.02662559172376093,
            0.08065725302450627,
            0.06660906994213411,
            4.0,
            3.3284291406042943,
            0.00880440875886368,
            0.7896690805945376,
            0.877305307737714,
            4.0,
            10.755499594032003,
            -0.4920357013648935,
            0.3669289426024995,
            0.29830837744896865,
            20.0,
        ];
        Sample.AssertClose(
            expected,
            [.. Sample.Digest(layer.running_mean!), .. Sample.Digest(layer.running_var!), .. Sample.Digest(output)]
        );
        Assert.Equal(2, layer.num_batches_tracked!.item<long>());
    }

    [Fact]
    public void BatchNorm_OnWrongDimensions_IsRefused()
    {
        using var scope = NewDisposeScope();

        Assert.Throws<ArgumentException>(() => nn.BatchNorm2d(3).call(zeros(2, 3)));
    }

    [Fact]
    public void Gru_TwoDirectionsAndLayers_GivesThePeersOutputAndState()
    {
        using var scope = NewDisposeScope();
        var layer = Sample.Filled(nn.GRU(3, 4, numLayers: 2, batchFirst: true, bidirectional: true));

        var (output, state) = layer.call(Sample.Wave(0.37, 2, 5, 3));

        Sample.AssertClose(
            [
                -10.172575827938154,
                -1.3228854221991422,
                -0.8928097943805141,
                0.01506083984496892,
                80.0,
                3.6711807721779115,
                1.8882066886046553,
                -0.14458990562154989,
                0.5900002075902335,
                32.0,
            ],
            [.. Sample.Digest(output), .. Sample.Digest(state)]
        );
    }

    [Fact]
    public void Embedding_WithPadding_PicksRowsAndGivesThePaddingNoGradient()
    {
        using var scope = NewDisposeScope();
        var layer = Sample.Filled(nn.Embedding(6, 3, padding_idx: 2));

        var output = layer.call(tensor(new long[] { 1, 2, 5, 0 }).reshape(2, 2));
        output.sum().backward();

        Sample.AssertClose(
            [8.464172891109358, 0.3544895828279848, 0.5891447579422695, 0.49688013784373675, 12.0],
            Sample.Digest(output)
        );
        Assert.Equal([1, 1, 0, 0, 0, 1], Sample.Values(layer.weight!.grad!.select(1, 0)));
    }

    [Fact]
    public void Dropout_TrainingAndEval_ScalesTheKeptAndThenPassesAll()
    {
        using var scope = NewDisposeScope();
        var layer = nn.Dropout(0.25);
        var input = ones(1000, dtype: float64);

        var trained = Sample.Values(layer.call(input));
        layer.eval();
        var evaluated = Sample.Values(layer.call(input));

        Assert.All(trained, value => Assert.True(value is 0 || Math.Abs(value - (1 / 0.75)) < 1e-12));
        Assert.InRange(trained.Count(value => value is 0), 190, 310);
        Assert.All(evaluated, value => Assert.Equal(1, value));
    }

    [Fact]
    public void Dropout2d_InTraining_DropsWholeChannels()
    {
        using var scope = NewDisposeScope();

        var output = nn.Dropout2d(0.5).call(ones([20, 10, 2, 2], dtype: float64));

        var sums = Sample.Values(output.sum([2, 3]));
        Assert.All(sums, sum => Assert.True(sum is 0 or 8));
        Assert.InRange(sums.Count(sum => sum is 0), 60, 140);
    }

    [Fact]
    public void ReLU_InPlace_OverwritesItsInput()
    {
        using var scope = NewDisposeScope();
        var input = tensor(new double[] { -1, 2 });

        nn.ReLU(inplace: true).call(input);

        Assert.Equal([0, 2], Sample.Values(input));
    }

    [Fact]
    public void Linear_FromParameters_HasTheirFeatures()
    {
        using var scope = NewDisposeScope();

        var layer = nn.Linear(nn.Parameter(ones(3, 5)), nn.Parameter(zeros(3)));

        Assert.Equal((5, 3), (layer.in_features, layer.out_features));
        Assert.Equal(["weight", "bias"], layer.named_parameters().Select(named => named.name));
    }

    private static (nn.Module<Tensor, Tensor> Module, long[] Shape) Make(string layer)
    {
        (nn.Module<Tensor, Tensor>, long[]) made = layer switch
        {
            "Linear" => (nn.Linear(5, 3), [4, 5]),
            "LinearWithoutBias" => (nn.Linear(5, 3, hasBias: false), [4, 5]),
            "Conv1d" => (nn.Conv1d(2, 4, 3, stride: 2, padding: 1, dilation: 2, groups: 2), [2, 2, 9]),
            "Conv1dSame" => (nn.Conv1d(2, 3, 4, Padding.Same), [2, 2, 7]),
            "Conv2d" => (nn.Conv2d(2, 4, 3, stride: 2, padding: 1, groups: 2), [2, 2, 6, 7]),
            "Conv2dPair" => (nn.Conv2d(2, 3, (3, 2), stride: (2, 1), padding: (1, 0), dilation: (1, 2)), [2, 2, 6, 7]),
            "Conv2dSame" => (nn.Conv2d(2, 3, (3, 2), Padding.Same), [2, 2, 6, 7]),
            "Conv2dReflect" => (
                nn.Conv2d(2, 3, (3, 3), padding: (1, 2), padding_mode: PaddingModes.Reflect),
                [2, 2, 6, 7]
            ),
            "Conv2dCircular" => (
                nn.Conv2d(2, 3, 3, padding: 1, padding_mode: PaddingModes.Circular, bias: false),
                [2, 2, 6, 7]
            ),
            "ConvTranspose2d" => (
                nn.ConvTranspose2d(4, 2, 3, stride: 2, padding: 1, output_padding: 1, groups: 2),
                [2, 4, 4, 5]
            ),
            "BatchNorm1d" => (nn.BatchNorm1d(4, eps: 1e-3, momentum: 0.2), [5, 4]),
            "BatchNorm2d" => (nn.BatchNorm2d(3), [4, 3, 2, 3]),
            "LayerNorm" => (nn.LayerNorm([3, 4]), [2, 3, 4]),
            "LayerNormPlain" => (nn.LayerNorm(4, elementwise_affine: false), [2, 3, 4]),
            "GroupNorm" => (nn.GroupNorm(2, 4), [2, 4, 3]),
            "InstanceNorm2d" => (nn.InstanceNorm2d(3, affine: true), [2, 3, 4, 5]),
            "InstanceNorm2dOne" => (nn.InstanceNorm2d(3), [3, 4, 5]),
            "ReLU" => (nn.ReLU(), [3, 4]),
            "LeakyReLU" => (nn.LeakyReLU(0.2), [3, 4]),
            "ELU" => (nn.ELU(0.7), [3, 4]),
            "GELU" => (nn.GELU(), [3, 4]),
            "GELUTanh" => (nn.GELU(GELU.Approximate.tanh), [3, 4]),
            "Sigmoid" => (nn.Sigmoid(), [3, 4]),
            "Tanh" => (nn.Tanh(), [3, 4]),
            "SiLU" => (nn.SiLU(), [3, 4]),
            "Softmax" => (nn.Softmax(1), [3, 4]),
            "LogSoftmax" => (nn.LogSoftmax(0), [3, 4]),
            "Softplus" => (nn.Softplus(2, 1), [3, 4]),
            "Flatten" => (nn.Flatten(), [2, 3, 4]),
            "Unflatten" => (nn.Unflatten(1, [3, 2]), [2, 6, 2]),
            "Identity" => (nn.Identity(), [2, 3]),
            "MaxPool1d" => (nn.MaxPool1d(3, stride: 2, padding: 1), [2, 2, 7]),
            "MaxPool2d" => (nn.MaxPool2d(2), [2, 2, 6, 7]),
            "MaxPool2dPair" => (nn.MaxPool2d((3, 2), stride: (1, 2), padding: (1, 1)), [2, 2, 6, 7]),
            "AvgPool2d" => (nn.AvgPool2d(3, stride: 2, padding: 1, count_include_pad: false), [2, 2, 6, 7]),
            "AvgPool2dPair" => (nn.AvgPool2d((3, 2)), [2, 2, 6, 7]),
            "AdaptiveAvgPool2d" => (nn.AdaptiveAvgPool2d((3, 2)), [2, 2, 6, 7]),
            "Sequential" => (nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 2)), [3, 5]),
            _ => throw new ArgumentOutOfRangeException(nameof(layer), layer, "No such layer."),
        };
        return made;
    }
}
