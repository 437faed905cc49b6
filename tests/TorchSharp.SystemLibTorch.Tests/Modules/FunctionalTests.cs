using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace TorchSharp.SystemLibTorch.Tests.Modules;

/// <summary>Losses, distances and image functions against PyTorch 1.13.1's figures.</summary>
public sealed class FunctionalTests
{
    public static TheoryData<string, double[]> Results =>
        new()
        {
            { "cross_entropy", [1.2713274210367067, 1.2713274210367067, 1.2713274210367067, 1.2713274210367067, 1.0] },
            {
                "cross_entropy_smooth",
                [1.2291983919361178, 1.2291983919361178, 1.2291983919361178, 1.2291983919361178, 1.0]
            },
            {
                "cross_entropy_soft",
                [1.1047718427271698, 1.1047718427271698, 1.1047718427271698, 1.1047718427271698, 1.0]
            },
            {
                "cross_entropy_none",
                [5.085309684146827, 0.2768911254235895, 1.422491564218871, 1.337046038253261, 4.0]
            },
            {
                "cross_entropy_ignore",
                [1.2750786427067857, 1.2750786427067857, 1.2750786427067857, 1.2750786427067857, 1.0]
            },
            { "nll", [6.909216300770647, 6.909216300770647, 6.909216300770647, 6.909216300770647, 1.0] },
            { "bce", [0.7913941116598663, 0.7913941116598663, 0.7913941116598663, 0.7913941116598663, 1.0] },
            { "bce_logits", [0.8316091744683903, 0.8316091744683903, 0.8316091744683903, 0.8316091744683903, 1.0] },
            { "mse", [0.4233418104863991, 0.4233418104863991, 0.4233418104863991, 0.4233418104863991, 1.0] },
            { "l1", [6.5112484613574555, 6.5112484613574555, 6.5112484613574555, 6.5112484613574555, 1.0] },
            { "smooth_l1", [0.3356731228815593, 0.3356731228815593, 0.3356731228815593, 0.3356731228815593, 1.0] },
            { "huber", [0.14864847986486618, 0.14864847986486618, 0.14864847986486618, 0.14864847986486618, 1.0] },
            { "kl", [0.003869640119803501, 0.003869640119803501, 0.003869640119803501, 0.003869640119803501, 1.0] },
            {
                "kl_prob",
                [0.046435681437641985, 0.046435681437641985, 0.046435681437641985, 0.046435681437641985, 1.0]
            },
            { "cosine", [1.7026271250872544, 2.1497769897050647, 0.9740243526868397, -0.9264604124259025, 4.0] },
            { "pairwise", [4.646605897737171, -1.1320206126194736, 0.6121926649014131, 2.208257302939697, 4.0] },
            { "normalize", [1.2485537355242613, 0.29050739650601826, 0.12660606564504828, -0.34136369635069563, 12.0] },
            { "one_hot", [4.0, 1.1857772429735225, 1.0, 0.0, 16.0] },
            { "pad", [21.171212082025765, -0.6474649947086482, 0.5, 0.5, 56.0] },
            { "pad_reflect", [9.289951733372869, 0.5550478793771172, 0.6209859870365596, 0.9767586218757036, 42.0] },
            {
                "pad_replicate",
                [10.385788922505624, -3.709185628184969, 0.29552020666133955, 0.5767771523167085, 84.0]
            },
            { "bilinear", [8.725709064375428, 1.2586141039349013, 0.29552020666133955, 0.8293611430360361, 84.0] },
            { "corners", [3.278026795817154, 1.85750019213395, 0.29552020666133955, 0.8293611430360361, 84.0] },
            { "nearest", [18.430703892428657, -0.06274870314409331, 0.29552020666133955, 0.8293611430360361, 160.0] },
            { "bicubic", [9.096237770040199, 0.893111536602508, 0.21590262581739525, 0.9010773745629226, 84.0] },
            { "area", [0.2934678988276642, -0.2699023928757648, 0.4369459074737836, -0.2772136915149053, 12.0] },
            { "linear1d", [7.72868951336918, -0.05479215297718015, 0.29552020666133955, -0.46922004128872713, 16.0] },
            { "grid", [2.336075455995198, -2.7181821626425675, 0.6675580611532941, 0.5805528001252251, 24.0] },
            { "grid_border", [5.5229456580183545, -1.6460718136502674, 0.29552020666133955, 0.8293611430360361, 24.0] },
            {
                "grid_reflection",
                [-7.1860210285038955, 2.480877927869547, 0.6783669950722826, -0.38654312908314903, 24.0]
            },
            { "unfold", [6.586610197572852, 0.24888858715962958, 0.0, 0.0, 108.0] },
            { "logsigmoid", [-7.476087474019141, 0.8494123232798816, -0.5562641075520943, -1.271161753846877, 12.0] },
            { "glu", [1.5887356568706628, -0.28718844327923104, 0.2077987927591265, -0.1316188276311803, 6.0] },
        };

    [Theory]
    [MemberData(nameof(Results))]
    public void Function_OnKnownInputs_GivesThePeersFigures(string function, double[] expected)
    {
        using var scope = NewDisposeScope();

        Sample.AssertClose(expected, Sample.Digest(Compute(function)));
    }

    [Fact]
    public void Interpolate_WithSizeAndScale_IsRefused()
    {
        using var scope = NewDisposeScope();

        Assert.Throws<ArgumentException>(() => interpolate(zeros(1, 1, 2, 2), size: [4, 4], scale_factor: [2, 2]));
    }

    [Fact]
    public void ClipGradNorm_AboveTheLimit_ScalesAllGradientsTogether()
    {
        using var scope = NewDisposeScope();
        var layer = Sample.Filled(nn.Linear(5, 3));
        layer.call(Sample.Wave(0.37, 4, 5)).square().sum().backward();

        var norm = nn.utils.clip_grad_norm_(layer.parameters(), 1.5);

        Sample.AssertClose(
            [49.30334191044067, 5.323577796949563, 0.703274733865515, 0.11976951536280474, 0.4706158441139307, 15.0],
            [norm, .. Sample.Digest(layer.weight.grad!)]
        );
    }

    [Fact]
    public void ClipGradValue_OnLargeGradients_CutsEachElement()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(tensor(new double[] { 1, -3, 0.1 }));
        parameter.square().sum().backward();

        nn.utils.clip_grad_value_([parameter], 1.5);

        Assert.Equal([1.5, -1.5, 0.2], Sample.Values(parameter.grad!));
    }

    [Fact]
    public void VectorToParameters_AfterParametersToVector_RestoresEach()
    {
        using var scope = NewDisposeScope();
        var layer = Sample.Filled(nn.Linear(5, 3));
        var vector = nn.utils.parameters_to_vector(layer.parameters()).detach();

        nn.utils.vector_to_parameters(vector.mul(2), layer.parameters());

        Assert.Equal(18, vector.numel());
        Sample.AssertClose(Sample.Digest(Sample.Wave(0.11, 3, 5).mul(2)), Sample.Digest(layer.weight));
        Sample.AssertClose(Sample.Digest(Sample.Wave(0.22, 3).mul(2)), Sample.Digest(layer.bias!));
    }

    private static Tensor Compute(string function)
    {
        var x = Sample.Wave(0.37, 4, 3);
        var q = softmax(Sample.Wave(0.21, 4, 3), 1);
        var t = tensor(new long[] { 0, 2, 1, 2 });
        var w = tensor(new[] { 0.5, 1, 2 });
        var image = Sample.Wave(0.37, 1, 2, 4, 5);
        var near = tensor(new[] { 0.8, 0.3, 0.1, -0.2, 1.1, 0.2 }).reshape(1, 2, 3);
        var far = tensor(new[] { 1.8, 0.3, 0.1, -0.2, 1.6, 0.2 }).reshape(1, 2, 3);
        return function switch
        {
            "cross_entropy" => cross_entropy(x, t),
            "cross_entropy_smooth" => cross_entropy(x, t, weight: w, label_smoothing: 0.1),
            "cross_entropy_soft" => cross_entropy(x, q),
            "cross_entropy_none" => cross_entropy(x, t, reduction: nn.Reduction.None),
            "cross_entropy_ignore" => cross_entropy(x, t, ignore_index: 2),
            "nll" => nll_loss(log_softmax(x, 1), t, weight: w, reduction: nn.Reduction.Sum),
            "bce" => binary_cross_entropy(x.sigmoid(), q),
            "bce_logits" => binary_cross_entropy_with_logits(x, q, pos_weights: w),
            "mse" => mse_loss(x, q),
            "l1" => l1_loss(x, q, nn.Reduction.Sum),
            "smooth_l1" => smooth_l1_loss(x, q, beta: 0.5),
            "huber" => huber_loss(x, q, delta: 0.4),
            "kl" => kl_div(log_softmax(x, 1), q.log()),
            "kl_prob" => kl_div(log_softmax(x, 1), q, log_target: false, reduction: nn.Reduction.Sum),
            "cosine" => cosine_similarity(x, q),
            "pairwise" => pairwise_distance(x, q, p: 1.5),
            "normalize" => normalize(x, p: 1, dim: 0),
            "one_hot" => one_hot(t, 4),
            "pad" => pad(Sample.Wave(0.37, 2, 3, 4), (1, 2, 0, 1), value: 0.5),
            "pad_reflect" => pad(Sample.Wave(0.37, 2, 3, 4), (1, 2), PaddingModes.Reflect),
            "pad_replicate" => pad(Sample.Wave(0.37, 1, 2, 3, 4), (1, 2, 2, 1), PaddingModes.Replicate),
            "bilinear" => interpolate(image, size: [7, 6], mode: InterpolationMode.Bilinear, align_corners: false),
            "corners" => interpolate(image, size: [7, 6], mode: InterpolationMode.Bilinear, align_corners: true),
            "nearest" => interpolate(image, scale_factor: [2, 2]),
            "bicubic" => interpolate(image, scale_factor: [1.5, 1.5], mode: InterpolationMode.Bicubic),
            "area" => interpolate(Sample.Wave(0.37, 1, 2, 4, 6), size: [2, 3], mode: InterpolationMode.Area),
            "linear1d" => interpolate(Sample.Wave(0.37, 1, 2, 5), size: [8], mode: InterpolationMode.Linear),
            "grid" => grid_sample(image, affine_grid(near, [1, 2, 3, 4]), align_corners: false),
            "grid_border" => grid_sample(
                image,
                affine_grid(far, [1, 2, 3, 4], true),
                GridSampleMode.Nearest,
                GridSamplePaddingMode.Border,
                true
            ),
            "grid_reflection" => grid_sample(
                image,
                affine_grid(far, [1, 2, 3, 4], true),
                padding_mode: GridSamplePaddingMode.Reflection,
                align_corners: true
            ),
            "unfold" => unfold(image, (2, 3), padding: (1, 1), stride: (2, 2)),
            "logsigmoid" => logsigmoid(x),
            "glu" => glu(Sample.Wave(0.37, 3, 4)),
            _ => throw new ArgumentOutOfRangeException(nameof(function), function, "No such function."),
        };
    }
}
