using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibTorch.Tests.Modules;

/// <summary>Hooks before and after forward.</summary>
public sealed class HookTests
{
    [Fact]
    public void Call_WithHooks_ReplacesInputAndResultInTheOrderOfRegistration()
    {
        using var scope = NewDisposeScope();
        var module = nn.Identity();
        module.register_forward_pre_hook((_, input) => input.add(1));
        module.register_forward_pre_hook((_, input) => input.mul(10));
        module.register_forward_hook((_, _, output) => output.neg());

        var output = module.call(tensor(new double[] { 2 }));

        Assert.Equal(-30, output.item<double>());
    }

    [Fact]
    public void Call_WithAHookThatReturnsNothing_KeepsTheTensors()
    {
        using var scope = NewDisposeScope();
        var module = nn.Identity();
        var seen = 0.0;
        module.register_forward_pre_hook((_, _) => null!);
        module.register_forward_hook(
            (_, input, _) =>
            {
                seen = input.item<double>();
                return null!;
            }
        );

        Assert.Equal(2, module.call(tensor(new double[] { 2 })).item<double>());
        Assert.Equal(2, seen);
    }

    [Fact]
    public void Remove_OfAHook_EndsItsCalls()
    {
        using var scope = NewDisposeScope();
        var module = nn.Identity();
        var remover = module.register_forward_hook((_, _, output) => output.neg());

        remover.remove();

        Assert.Equal(2, module.call(tensor(new double[] { 2 })).item<double>());
    }

    [Fact]
    public void Forward_OfTheParent_FiresTheChildrensHooksOnly()
    {
        using var scope = NewDisposeScope();
        var child = nn.Identity();
        var parent = nn.Sequential(child);
        var fired = new List<string>();
        child.register_forward_hook((_, _, output) => Note("child", output));
        parent.register_forward_hook((_, _, output) => Note("parent", output));

        parent.forward(ones(1));
        Assert.Equal(["child"], fired);

        parent.call(ones(1));
        Assert.Equal(["child", "child", "parent"], fired);

        Tensor Note(string who, Tensor output)
        {
            fired.Add(who);
            return output;
        }
    }

    [Fact]
    public void Call_OfTwoAndThreeInputs_RunsTheirHooks()
    {
        using var scope = NewDisposeScope();
        var two = new Sum2();
        two.register_forward_pre_hook((_, a, b) => (a.mul(10), b));
        var three = new Sum3();
        three.register_forward_hook((_, _, _, _, sum) => sum.neg());

        Assert.Equal(12, two.call(tensor(1.0), tensor(2.0)).item<double>());
        Assert.Equal(-6, three.call(tensor(1.0), tensor(2.0), tensor(3.0)).item<double>());
    }

    private sealed class Sum2() : nn.Module<Tensor, Tensor, Tensor>("Sum2")
    {
        public override Tensor forward(Tensor input1, Tensor input2) => input1.add(input2);
    }

    private sealed class Sum3() : nn.Module<Tensor, Tensor, Tensor, Tensor>("Sum3")
    {
        public override Tensor forward(Tensor input1, Tensor input2, Tensor input3) => input1.add(input2).add(input3);
    }
}
