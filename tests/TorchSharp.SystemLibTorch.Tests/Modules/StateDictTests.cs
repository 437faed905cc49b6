using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibTorch.Tests.Modules;

/// <summary>State dictionaries and their file.</summary>
public sealed class StateDictTests
{
    [Fact]
    public void StateDict_OfANest_ListsParametersThenBuffers()
    {
        using var scope = NewDisposeScope();
        var module = nn.Sequential(("norm", nn.BatchNorm1d(2)), ("head", nn.Linear(2, 1)));

        string[] expected =
        [
            "norm.weight",
            "norm.bias",
            "head.weight",
            "head.bias",
            "norm.running_mean",
            "norm.running_var",
            "norm.num_batches_tracked",
        ];
        Assert.Equal(expected, module.state_dict().Keys);
    }

    [Fact]
    public void Save_OfALinearLayer_WritesTheOriginalsBytes()
    {
        using var scope = NewDisposeScope();
        var layer = nn.Linear(
            nn.Parameter(tensor(new float[] { 1, 2 }).reshape(1, 2)),
            nn.Parameter(tensor(new float[] { 3 }))
        );
        using var stream = new MemoryStream();

        layer.save(stream);

        byte[] expected =
        [
            2,
            6,
            .. "weight"u8,
            6,
            2,
            1,
            2,
            0,
            0,
            0x80,
            0x3F,
            0,
            0,
            0,
            0x40,
            4,
            .. "bias"u8,
            6,
            1,
            1,
            0,
            0,
            0x40,
            0x40,
        ];
        Assert.Equal(expected, stream.ToArray());
    }

    [Fact]
    public void Load_OfWhatWasSaved_RestoresEveryTensorInPlace()
    {
        using var scope = NewDisposeScope();
        var saved = Make();
        saved.call(Sample.Wave(0.37, 5, 3).to(float32));
        var stream = Saved(saved);
        var loaded = Make();
        var weight = loaded.parameters().First();
        var report = new Dictionary<string, bool>();

        loaded.load(stream, loadedParameters: report);

        Assert.Same(weight, loaded.parameters().First());
        Assert.All(report.Values, Assert.True);
        Assert.Equal(7, report.Count);
        foreach (var (key, tensor) in saved.state_dict())
        {
            Assert.Equal(Sample.Values(tensor), Sample.Values(loaded.state_dict()[key]));
        }
    }

    [Fact]
    public void Load_FromAFile_RestoresWhatSaveWrote()
    {
        using var scope = NewDisposeScope();
        var path = Path.GetTempFileName();
        try
        {
            var saved = Make();
            saved.save(path);

            var loaded = Make();
            loaded.load(path);

            Assert.Equal(Sample.Values(saved.parameters().First()), Sample.Values(loaded.parameters().First()));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Load_WithSkip_LeavesTheSkippedAlone()
    {
        using var scope = NewDisposeScope();
        var stream = Saved(Make());
        var loaded = Make();
        var before = Sample.Values(loaded.get_parameter("0.weight")!);

        loaded.load(stream, skip: ["0.weight"]);

        Assert.Equal(before, Sample.Values(loaded.get_parameter("0.weight")!));
    }

    [Fact]
    public void Load_OfAnotherModulesState_IsRefusedUnlessNotStrict()
    {
        using var scope = NewDisposeScope();
        var other = nn.Sequential(("first", nn.Linear(3, 2)), ("1", nn.BatchNorm1d(2)));
        var bytes = Saved(other).ToArray();
        var loaded = Make();
        var report = new Dictionary<string, bool>();

        Assert.Throws<ArgumentException>(() => Make().load(new MemoryStream(bytes)));
        Assert.Throws<ArgumentException>(() => nn.Linear(3, 2).load(new MemoryStream(bytes)));
        loaded.load(new MemoryStream(bytes), strict: false, loadedParameters: report);

        Assert.True(report["1.weight"]);
        Assert.False(report["0.weight"]);
        Assert.False(report["first.weight"]);
    }

    [Fact]
    public void LoadStateDict_WithOtherKeys_ReportsThem()
    {
        using var scope = NewDisposeScope();
        var module = nn.Linear(2, 1);
        var source = new Dictionary<string, Tensor> { ["weight"] = ones(1, 2), ["other"] = ones(1) };

        Assert.Throws<InvalidOperationException>(() => module.load_state_dict(source));
        var (missing, unexpected) = module.load_state_dict(source, strict: false);

        Assert.Equal(["bias"], missing);
        Assert.Equal(["other"], unexpected);
        Assert.Equal([1, 1], Sample.Values(module.weight));
    }

    [Fact]
    public void LoadStateDict_OfAnotherShape_ChangesNothing()
    {
        using var scope = NewDisposeScope();
        var module = nn.Linear(2, 1);
        var before = Sample.Values(module.bias!);
        var source = new Dictionary<string, Tensor> { ["bias"] = ones(1), ["weight"] = ones(1, 1) };

        Assert.Throws<ArgumentException>(() => module.load_state_dict(source));

        Assert.Equal(before, Sample.Values(module.bias!));
    }

    [Fact]
    public void LoadStateDict_IntoATrainedModule_KeepsItTrainable()
    {
        using var scope = NewDisposeScope();
        var (from, to) = (nn.Linear(2, 1), nn.Linear(2, 1));

        to.load_state_dict(from.state_dict());
        to.call(ones(1, 2)).sum().backward();

        Assert.Equal(Sample.Values(from.weight), Sample.Values(to.weight));
        Assert.NotNull(to.weight.grad);
        Assert.Null(from.weight.grad);
    }

    private static nn.Module<Tensor, Tensor> Make() => nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2));

    private static MemoryStream Saved(nn.Module module)
    {
        using var stream = new MemoryStream();
        module.save(stream);
        return new MemoryStream(stream.ToArray());
    }
}
